// The inspector: shows a world, refreshed every two seconds, and changes it.

import { call, useToken } from "./control.js";
import { button, choices, element, fill, listed, reasons, row, side, the, time, warned } from "./parts.js";

const EVERY = 2000; // milliseconds
const KEPT = 1000; // requests, as many as the journal keeps
const SHOWN = 200; // requests in the table
const ANY = ["Throttled", "Forbidden", "Unavailable", "InternalError"]; // any operation may answer with these

const [, named] = /(?:\/w\/([^/]*))?\/_emulator\/$/.exec(location.pathname);
let timer;
let turn = Promise.resolve();
let operations = [];
let journal = [];
let states = {}; // by provider and kind
let selected; // the resource whose state is to be changed

/** Run jobs one after the other: an older response must not overwrite a newer one. */
function inTurn(job) {
  turn = turn.then(job);
}

/** Make an event handler that runs a job, shows its error, and refreshes the page. */
function does(job) {
  return (event) => {
    event.preventDefault();
    inTurn(async () => {
      the("said").textContent = "";
      await job().catch((error) => {
        the("ask-token").hidden = error.status !== 401;
        the("said").textContent = error.message;
      });
      await look();
    });
  };
}

/** Refresh the page; and again after a while, as long as it is visible. */
async function look() {
  clearTimeout(timer);
  try {
    if (!operations.length) ({ operations } = await call("ListOperations"));
    offerFaults();
    await showCoverage(); // has the states of each kind, which showResources needs
    await Promise.all([showWorlds(), showClock(), showRequests(), showResources()]);
    await Promise.all([showFaults(), showQuotas()]);
    the("away").textContent = "";
    the("all").removeAttribute("aria-busy");
  } catch (error) {
    the("away").textContent = error.message;
  }
  if (!document.hidden) timer = setTimeout(() => inTurn(look), EVERY);
}

async function showWorlds() {
  const { worlds } = await call("ListWorlds");
  fill(the("worlds"), worlds, ({ name }) => element("option", { value: name }));
}

async function showClock() {
  const { mode, now, speed } = await call("GetClock");
  the("now").textContent = time(now);
  the("mode").textContent = mode === "frozen" ? "frozen" : "running";
  the("speed").textContent = speed;
  the("toggle").textContent = mode === "frozen" ? "Run" : "Freeze";
}

/** Fetch what came since the last known request, and that one again, to notice a reset. */
async function showRequests() {
  const last = journal.at(-1);
  const { requests } = await call("ListRequests", last ? { since: last.id - 1 } : {});
  const goesOn = last && requests[0]?.id === last.id && requests[0].at === last.at;
  if (last && !goesOn) {
    journal = [];
    await showRequests();
    return;
  }
  journal = [...journal, ...requests.slice(last ? 1 : 0)].slice(-KEPT);
  fitRequests();
}

function fitRequests() {
  const [provider, status] = [the("of-provider").value, the("of-status").value];
  const fitting = journal.filter(
    (entry) =>
      (!provider || entry.provider === provider) && String(entry.status).startsWith(status),
  );
  const shown = fitting.slice(-SHOWN).reverse();
  the("how-many").textContent = `${shown.length} of ${journal.length}`;
  fill(the("requests"), shown, ({ id, at, provider, operation, method, path, status }) => {
    const opens = button(id, `Request ${id}`, does(() => open(id)));
    const bad = element("span", { class: status < 400 ? "good" : "bad" }, status);
    const made = row(opens, time(at), provider, operation ?? `${method} ${path}`, bad);
    made.addEventListener("click", ({ target }) => target === opens || opens.click());
    return made;
  });
}

async function open(id) {
  const entry = await call("GetRequest", { id });
  const { method, path, query, status, duration_ms, request, response, explain } = entry;
  the("detail-title").textContent = `${method} ${path}${query && `?${query}`}: ${status} in ${duration_ms} ms`;
  const why = [...(explain ? reasons(explain) : []), ...warned(entry.warnings)];
  the("detail-parts").replaceChildren(...why, ...side("Request", request), ...side("Response", response));
  the("detail").showModal();
}

async function showResources() {
  const { resources } = await call("ListResources");
  fill(the("resources"), resources, (each) => {
    const { provider, kind, id, name, state, phase, next_transition_at: next } = each;
    const known = states[provider]?.[kind] ?? [];
    const key = `Change the state of ${provider} ${kind} ${name ?? id}`;
    const change = known.length ? button("State", key, () => askForState(each, known)) : "";
    return row(provider, kind, name, id, state, phase, time(next), change);
  });
}

function askForState(resource, known) {
  selected = resource;
  the("change-title").textContent = `${resource.provider} ${resource.kind} ${resource.id}`;
  choices(the("change-state"), known);
  the("change-state").value = resource.state;
  for (const field of ["change-seconds", "change-reason"]) the(field).value = "";
  the("change").returnValue = "";
  the("change").showModal();
}

async function putState() {
  if (the("change").returnValue !== "put") return;
  const { provider, kind, id, scope } = selected;
  const [seconds, reason] = [the("change-seconds").value, the("change-reason").value];
  await call("PutResourceState", { provider, kind, id }, {
    state: the("change-state").value,
    scope,
    ...(seconds && { seconds: Number(seconds) }),
    ...(reason && { reason }),
  });
}

/** Offer the operations of the selected provider, the errors they declare, and the common ones. */
function offerFaults() {
  const providers = [...new Set(operations.map(({ provider }) => provider))];
  if (the("of-provider").length === 1) {
    const options = providers.map((name) => element("option", { value: name }, name));
    the("of-provider").append(...options);
  }
  choices(the("order-provider"), providers);
  const known = operations.filter(
    ({ provider, emulated }) => emulated && provider === the("order-provider").value,
  );
  choices(the("order-operation"), known.map(({ operation }) => operation));
  const chosen = known.find(({ operation }) => operation === the("order-operation").value);
  choices(the("order-error"), [...new Set(chosen?.errors), ...ANY]);
}

async function orderFault() {
  const times = the("order-times").value;
  const match = { provider: the("order-provider").value, operation: the("order-operation").value };
  const effect = { error: the("order-error").value };
  await call("AddFault", {}, { match, effect, ...(times && { times: Number(times) }) });
}

async function showFaults() {
  const { faults } = await call("ListFaults");
  fill(the("faults"), faults, ({ id, match, effect, matched, applied, times, expires_at: until }) => {
    const remove = does(() => call("RemoveFault", { id }));
    const back = button("Remove", `Remove fault ${id}`, remove);
    return row(listed(match), listed(effect), matched, applied, times ?? "always", time(until), back);
  });
}

async function showQuotas() {
  const quotas = [];
  for (const [provider, limits] of Object.entries(await call("GetQuotas"))) {
    for (const [name, { used, limit }] of Object.entries(limits)) {
      quotas.push([provider, name, used, limit ?? "none"]);
    }
  }
  fill(the("quotas"), quotas, (cells) => row(...cells));
}

async function showCoverage() {
  const { providers } = await call("GetCoverage");
  const counts = [];
  for (const [name, { totals, states: kinds }] of Object.entries(providers)) {
    const parts = [totals.operations, totals.errors, totals.states];
    counts.push([name, ...parts.map((part) => `${part.exercised} of ${part.total}`)]);
    states[name] = {};
    for (const [kind, { exercised, missing }] of Object.entries(kinds)) {
      states[name][kind] = [...exercised, ...missing].sort();
    }
  }
  fill(the("coverage"), counts, (cells) => row(...cells));
}

async function reset() {
  if (confirm(`Reset the world ${the("world").textContent}? Its state, faults and journal are deleted.`)) await call("Reset");
}

/** Open the page of another world. */
function go(event) {
  event.preventDefault();
  location.assign(`${named === undefined ? "../w" : "../.."}/${the("go-world").value}/_emulator/`);
}

const advance = (wish) => does(() => call("AdvanceClock", {}, wish));
const toggled = () => (the("mode").textContent === "frozen" ? "real" : "frozen");

the("world").textContent = named ?? "default";
document.title = `${the("world").textContent} - inspector`;
the("go").addEventListener("submit", go);
the("reset").addEventListener("click", does(reset));
the("token").addEventListener("input", () => useToken(the("token").value));
the("toggle").addEventListener("click", does(() => call("PutClock", {}, { mode: toggled() })));
the("second").addEventListener("click", advance({ seconds: 1 }));
the("minute").addEventListener("click", advance({ seconds: 60 }));
the("settle").addEventListener("click", advance({ until: "settled" }));
the("of-provider").addEventListener("change", fitRequests);
the("of-status").addEventListener("change", fitRequests);
the("order-provider").addEventListener("change", offerFaults);
the("order-operation").addEventListener("change", offerFaults);
the("order").addEventListener("submit", does(orderFault));
the("change").addEventListener("close", does(putState));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else inTurn(look);
});
inTurn(look);
