// Builds the parts of the page. Text from requests is inserted as text only, never as HTML.

/** Find an element by its id. */
export const the = (id) => document.getElementById(id);

/** Make an element; children that are not nodes become text. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.map((child) => child ?? ""));
  return made;
}

/** Make a row of a table. */
export const row = (...cells) =>
  element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));

/** Make a button; `key` identifies it when its row is made again, to keep the focus. */
export function button(text, key, does) {
  const made = element("button", { type: "button", "data-key": key, "aria-label": key }, text);
  made.addEventListener("click", does);
  return made;
}

const filled = new Map();

/** Fill a part of the page with what `make` makes of each item; unchanged items keep theirs. */
export function fill(part, items, make) {
  const before = filled.get(part) ?? new Map();
  const now = new Map();
  for (const item of items) {
    const text = JSON.stringify(item);
    now.set(text, before.get(text) ?? make(item));
  }
  filled.set(part, now);
  if ([...before.keys()].join() === [...now.keys()].join()) return;
  const key = part.contains(document.activeElement) && document.activeElement.dataset.key;
  part.replaceChildren(...now.values());
  if (key) part.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Fill a select with words; keep the selection if it is among them. */
export function choices(select, words) {
  const before = select.value;
  fill(select, words, (word) => element("option", { value: word }, word));
  if (words.includes(before)) select.value = before;
}

/** Format an object: `error: Throttled, message: slow down`. */
export const listed = (object) =>
  Object.entries(object)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");

/** Format a time without its microseconds. */
export const time = (iso) => (iso ? iso.replace("T", " ").replace(/\.\d+Z$/, "Z") : "");

/** Show the request or the response of an entry of the journal. */
export function side(title, { headers, body, body_bytes }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const all = [...lines, "", body].join("\n");
  return [element("h3", {}, `${title}, ${body_bytes} bytes of body`), element("pre", {}, all)];
}

const KINDS = {
  "unknown-member": "an unknown member",
  "unknown-parameter": "an unknown parameter",
  "misplaced-member": "a member of another part of the request",
  "deprecated-member": "deprecated",
  coerced: "of another type, which the vendor converts",
};

/** List the client's mistakes that the vendor passes over. */
export function warned(warnings) {
  const items = warnings.map(({ pointer, kind, nearest }) => {
    const near = nearest ? `; the nearest is ${nearest}` : "";
    return element("li", {}, `${pointer} is ${KINDS[kind] ?? kind}${near}.`);
  });
  return items.length ? [element("h3", {}, "Warnings"), element("ul", {}, ...items)] : [];
}

/** Explain in sentences why a request was rejected. */
export function reasons({ failure, subject, reason, facts, rules, evidence, sources, nearest }) {
  const lines = [`${failure}${subject ? ` (${subject})` : ""}: ${reason}.`];
  if (Object.keys(facts).length) lines.push(`Facts: ${listed(facts)}.`);
  for (const { rule, pointer, limit, evidence: ground } of rules) {
    const at = pointer || "The request";
    lines.push(`${at} breaks ${rule} ${JSON.stringify(limit)}: ${ground}.`);
  }
  if (nearest) {
    const { operation, method, path, why } = nearest;
    lines.push(`The nearest operation is ${operation}, ${method} ${path}: ${why}.`);
  }
  lines.push(`Evidence: ${evidence}.`);
  for (const [name, address] of Object.entries(sources)) lines.push(`${name}: ${address}`);
  const items = lines.map((sentence) => element("li", {}, sentence));
  return [element("h3", {}, "Why it was rejected"), element("ul", {}, ...items)];
}
