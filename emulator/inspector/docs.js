// The OpenAPI documents as a page: operations by tag, their messages, errors and examples.

import { call } from "./control.js";
import { choices, element, the } from "./parts.js";

const CONTROL = "control";
const METHODS = ["get", "put", "post", "delete", "head", "patch"];

let shown; // the document

/** Follow a reference to a component of the document. */
function resolved(node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((part, name) => part[name], shown);
}

/** Make a part that is opened by its title, and made when it is opened first. */
function folded(title, make) {
  const part = element("details", {}, element("summary", {}, title));
  part.addEventListener("toggle", () => part.append(...make()), { once: true });
  return part;
}

const json = (value) =>
  element("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** Show a body: the schema of each media type, and its examples. */
function* body(title, content) {
  for (const [type, { schema, examples }] of Object.entries(content ?? {})) {
    if (schema) yield folded(`${title}, ${type}`, () => [json(schema)]);
    for (const [name, example] of Object.entries(examples ?? {}))
      yield folded(`Example ${name}`, () => [json(resolved(example).value)]);
  }
}

function* responses(all) {
  for (const [status, response] of Object.entries(all)) {
    const { description, content } = resolved(response);
    yield folded(`${status} ${description}`, () => [...body("Body", content)]);
  }
}

/** Show what an operation takes and gives; of operations that share a path, each of them, too. */
function* operation({ description, externalDocs, parameters, requestBody, security, ...more }) {
  for (const text of [description, externalDocs?.url]) if (text) yield element("p", {}, text);
  if (parameters.length) yield folded("Parameters", () => [json(parameters)]);
  yield* body("Request", requestBody?.content);
  yield* responses(more.responses);
  if (security) yield folded("Credentials", () => [json(security), json(shown.components.securitySchemes)]);
  for (const [target, messages] of Object.entries(more["x-operations"] ?? {}))
    yield folded(target, () => [json(messages)]);
}

function operations() {
  const words = the("containing").value.toLowerCase();
  const parts = shown.tags.map(({ name }) => [name, []]);
  const byTag = new Map(parts);
  for (const [path, item] of Object.entries(shown.paths))
    for (const method of METHODS.filter((name) => item[name])) {
      const title = `${method.toUpperCase()} ${path} - ${item[method].summary}`;
      const found = `${title} ${Object.keys(item[method]["x-operations"] ?? {})}`.toLowerCase();
      if (found.includes(words))
        byTag.get(item[method].tags[0]).push(folded(title, () => [...operation(item[method])]));
    }
  const full = parts.filter(([, items]) => items.length);
  the("operations").replaceChildren(
    ...full.flatMap(([tag, items]) => [element("h2", {}, tag), ...items]),
  );
}

async function show() {
  const name = location.hash.slice(1) || CONTROL;
  try {
    const { operations: known } = await call("ListOperations");
    choices(the("which"), [...new Set(known.map(({ provider }) => provider)), CONTROL]);
    the("which").value = name;
    shown =
      name === CONTROL ? await call("GetControlOpenApi") : await call("GetOpenApi", { provider: name });
    the("title").textContent = shown.info.title;
    the("about").textContent = shown.info.description;
    operations();
    the("schemas").replaceChildren(
      ...Object.entries(shown.components.schemas).map(([title, schema]) =>
        folded(title, () => [json(schema)]),
      ),
    );
    the("away").textContent = "";
    the("all").removeAttribute("aria-busy");
  } catch (error) {
    the("away").textContent = error.message;
  }
}

the("which").addEventListener("change", () => (location.hash = the("which").value));
the("containing").addEventListener("input", operations);
window.addEventListener("hashchange", show);
show();
