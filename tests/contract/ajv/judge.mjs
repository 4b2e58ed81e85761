// Judges documents with ajv, strictly: stdin has {schemas: {address: schema}, vocabulary,
// documents: [[address, text]]}, stdout gets {faults: {address: message}, verdicts: [boolean]}.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const { schemas, vocabulary, documents } = JSON.parse(readFileSync(0, "utf8"));

// Formats and contents are annotations in 2020-12. strictTypes and strictRequired are matters of
// style: they want `type` beside every rule, and `required` members declared in the same object.
const ajv = new Ajv2020.default({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  validateFormats: false,
});
ajv.addVocabulary(vocabulary);
for (const [address, schema] of Object.entries(schemas)) ajv.addSchema(schema, address);

const validators = {};
const faults = {};
for (const address of Object.keys(schemas)) {
  try {
    validators[address] = ajv.getSchema(address);
  } catch (error) {
    faults[address] = error.message;
  }
}
const judge = ([address, text]) => validators[address]?.(JSON.parse(text)) ?? null;
process.stdout.write(JSON.stringify({ faults, verdicts: documents.map(judge) }));
