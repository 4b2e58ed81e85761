// The calls of the control API that the page makes. No other file fetches anything.

const ROUTES = {
  AddFault: "POST faults",
  AdvanceClock: "POST clock/advance",
  GetClock: "GET clock",
  GetControlOpenApi: "GET openapi.json",
  GetCoverage: "GET coverage",
  GetOpenApi: "GET openapi/{provider}.json",
  GetQuotas: "GET quotas",
  GetRequest: "GET requests/{id}",
  ListFaults: "GET faults",
  ListOperations: "GET operations",
  ListRequests: "GET requests",
  ListResources: "GET resources",
  ListWorlds: "GET worlds",
  PutClock: "PUT clock",
  PutResourceState: "PUT resources/{provider}/{kind}/{id+}/state",
  RemoveFault: "DELETE faults/{id}",
  Reset: "POST reset",
};

let token = "";

/** Send a token with every call from now on; it is not stored. */
export function useToken(given) {
  token = given;
}

/**
 * Call an operation and return the document of its response. Throws an error with the message of
 * the emulator and the `status` of the response.
 * Parameters that are not in the path become the query. The path is relative to the page, so that
 * it keeps the prefix of a world.
 */
export async function call(operation, parameters = {}, body = null) {
  const [method, template] = ROUTES[operation].split(" ");
  const query = new URLSearchParams(parameters);
  const path = template.replace(/\{(\w+)\+?\}/g, (_, name) => {
    query.delete(name);
    return encodeURIComponent(parameters[name]);
  });
  const headers = { "X-Emulator-Control": "1" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const request = { method, headers, body: body && JSON.stringify(body) };
  const answer = await fetch(`${path}?${query}`, request).catch(() => {
    throw new Error("No response from the emulator.");
  });
  const document = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(document.message), { status: answer.status });
  return document;
}
