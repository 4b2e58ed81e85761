// Prism for many OpenAPI documents in one process: mocks, and proxies of an emulator.
//
//     node prism.mjs <folder of documents> <base URL> <provider>...
//
// Prints {"mock": {provider: address}, "proxy": {...}}, and serves until its input ends.

import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";

const { createSingleProcessPrism } = createRequire(import.meta.url)(
  "@stoplight/prism-cli/dist/util/createServer.js",
);
const [folder, base, ...providers] = process.argv.slice(2);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true; // its own log

/** Prism does not tell which port it took, so that it is given one. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function serve(provider, more) {
  const port = await freePort();
  await createSingleProcessPrism({
    document: join(folder, `${provider}.json`),
    host: "127.0.0.1",
    port,
    cors: false,
    dynamic: false,
    errors: true,
    verboseLevel: "silent",
    ...more,
  });
  return `http://127.0.0.1:${port}`;
}

const addresses = { mock: {}, proxy: {} };
for (const provider of providers) {
  addresses.mock[provider] = await serve(provider, {});
  const upstream = new URL(`${base}/${provider}`);
  addresses.proxy[provider] = await serve(provider, { upstream, validateRequest: true });
}
write(JSON.stringify(addresses) + "\n");
process.stdin.on("end", () => process.exit(0)).resume();
