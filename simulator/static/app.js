import { money, seats, span, tableName, translate, word } from "./words.js";

const SERVICE = "qr_menu";
const PATH = "qr-menu";
const REFRESH = 1000;
const SHOWN_EVENTS = 30;
const SHOWN_REQUESTS = 20;
const POLLED_LATELY = 15;
const EXAMPLE = { code: "waiter_call", table: 1000028, invoice: null, order: null, table_repr: { id: 1000028, name: "6", max_guests: 50 } };
const FLAGS = ["refuse", "reset", "half_open", "garbage", "empty", "no_content"];
const NUMBERS = ["delay", "cut", "body_size", "times"];

const $ = (id) => document.getElementById(id);
const tiles = new Map();
let faults = {};
let toastTimer;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function toast(text, bad = false) {
  $("toast").textContent = text;
  $("toast").className = bad ? "shown bad" : "shown";
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").className = bad ? "bad" : ""; }, bad ? 6000 : 1800);
}

async function post(path, value = {}) {
  try {
    const response = await fetch(path, { method: "POST", body: typeof value === "string" ? value : JSON.stringify(value) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    toast(word("done"));
    return true;
  } catch (error) {
    toast(error.message, true);
    return false;
  } finally {
    await refresh();
  }
}

function showTables(state) {
  const calls = new Map();
  for (const { age, event } of state.queue) {
    if (event?.code === "waiter_call") calls.set(event.table, age);
    else if (event?.code === "online_payment") calls.delete(event.table);
  }
  for (const table of state.tables) {
    let tile = tiles.get(table.name);
    if (!tile) {
      tile = $("table").content.firstElementChild.cloneNode(true);
      translate(tile);
      const title = tableName(table.name);
      tile.querySelector(".label").textContent = title;
      for (const button of tile.querySelectorAll("button")) {
        button.setAttribute("aria-label", `${title}: ${button.textContent.trim()}`);
        button.addEventListener("click", () => post(`${PATH}/tables/${encodeURIComponent(table.name)}/${button.dataset.do}`));
      }
      tiles.set(table.name, tile);
      $("tables").append(tile);
    }
    tile.querySelector(".sum").textContent = table.sum ? money(table.sum) : "—";
    tile.classList.toggle("busy", table.sum > 0);
    const age = calls.get(table.id);
    tile.classList.toggle("calling", age !== undefined);
    tile.querySelector(".note").textContent = age === undefined ? seats(table.seats) : word("called", span(age));
    tile.querySelector("[data-do=pay]").classList.toggle("ready", table.sum > 0);
  }
}

// What a client names as its cursor it has, and all that came before.
function deliveredUpTo(state) {
  const hashes = state.queue.map(({ event }) => event?.hash);
  return Math.max(-1, ...state.last_requests.filter((request) => request.token_ok && request.cursor).map((request) => hashes.lastIndexOf(request.cursor)));
}

function showQueue(state, delivered) {
  $("queue-count").textContent = state.queue.length || "";
  $("queue-empty").hidden = state.queue.length > 0;
  const rows = state.queue.map(({ age, event }, index) => {
    const row = element("li");
    row.dataset.code = event?.code ?? "";
    const has = index <= delivered;
    const tick = element("span", has ? "✓" : "", "tick");
    if (has) {
      tick.title = word("delivered");
      tick.setAttribute("role", "img");
      tick.setAttribute("aria-label", word("delivered"));
    }
    const what = element("span", undefined, "what");
    what.append(element("b", event?.code ? word(event.code) : JSON.stringify(event)));
    const name = event?.table_repr?.name;
    const dishes = event?.invoice?.session?.dishes;
    const detail = Array.isArray(dishes) ? dishes.map((dish) => dish.count > 1 ? `${dish.name} × ${dish.count}` : dish.name).join(", ")
      : event?.order?.sum ? money(event.order.sum) : "";
    what.append(element("small", [name && tableName(name), detail].filter(Boolean).join(" · ")));
    const when = element("span", span(age), "when");
    when.append(element("code", event?.hash ?? ""));
    row.append(tick, what, when);
    return row;
  });
  $("queue").replaceChildren(...rows.reverse().slice(0, SHOWN_EVENTS));
}

function showRequests(state) {
  $("requests-count").textContent = state.requests || "";
  $("requests-empty").hidden = state.requests > 0;
  $("requests").closest(".scroll").hidden = state.requests === 0;
  const rows = state.last_requests.slice(0, SHOWN_REQUESTS).map((request) => {
    const row = element("tr");
    row.append(element("td", span(request.ago)));
    const cursor = element("td");
    cursor.append(element("code", request.cursor ?? "—"));
    const answer = request.answer === null ? word("a_waits") : /^\d/.test(request.answer) ? request.answer : word(`a_${request.answer}`);
    const cell = element("td");
    cell.append(element("span", answer, request.answer === "200" ? "pill good" : request.answer === null ? "pill" : "pill bad"));
    if (!request.token_ok) cell.append(" ", element("small", word("bad_token")));
    row.append(cursor, cell, element("td", request.connection));
    return row;
  });
  $("requests").replaceChildren(...rows);
  const last = state.last_requests[0];
  $("poll").dataset.state = !last ? "never" : last.ago < POLLED_LATELY ? "live" : "late";
  $("poll-text").textContent = last ? word("poll", span(last.ago)) : word("poll_never");
}

function showFaults(state) {
  faults = state.faults;
  const none = Object.keys(faults).length === 0;
  $("faults-now").textContent = none ? word("f_none") : JSON.stringify(faults);
  document.querySelector(".faults").classList.toggle("active", !none);
  $("faults-clear").disabled = none;
  const form = $("faults");
  if (form.contains(document.activeElement) && document.activeElement.type === "number") return;
  form.connection.value = FLAGS.slice(0, 3).find((name) => faults[name]) ?? "";
  const answer = faults.status ? `status:${faults.status}` : FLAGS.slice(3).find((name) => faults[name]) ?? "";
  if (![...form.answer.options].some((option) => option.value === answer)) form.answer.append(new Option(faults.status, answer));
  form.answer.value = answer;
  form.wrong_token.checked = faults.wrong_token ?? false;
  for (const name of NUMBERS) form[name].value = faults[name] ?? "";
}

function sendFaults() {
  const form = $("faults");
  // What only programs set (headers, drip, …) stays.
  const wanted = { ...faults };
  for (const name of [...FLAGS, ...NUMBERS, "status", "wrong_token"]) delete wanted[name];
  if (form.connection.value) wanted[form.connection.value] = true;
  const [kind, status] = form.answer.value.split(":");
  if (status) wanted.status = Number(status);
  else {
    delete wanted.body;
    if (kind) wanted[kind] = kind === "garbage" && faults.garbage ? faults.garbage : true;
  }
  if (kind) delete wanted.redirect;
  if (form.wrong_token.checked) wanted.wrong_token = true;
  for (const name of NUMBERS) if (form[name].value !== "") wanted[name] = form[name].valueAsNumber;
  post("faults", { [SERVICE]: wanted });
}

function showServer(state) {
  $("url").textContent = state.url;
  $("fingerprint").textContent = state.fingerprint?.toUpperCase().match(/../g).join(":") ?? "";
  for (const part of [$("fingerprint-title"), $("fingerprint").parentElement, $("renew")]) part.hidden = !state.fingerprint;
  $("connections").textContent = word("s_open", state.open_connections, state.connections);
  const form = $("settings");
  if (form.contains(document.activeElement)) return;
  for (const name of ["token", "auth_failure", "unknown_cursor"]) form[name].value = state[name];
}

async function refresh() {
  try {
    const state = (await (await fetch("state")).json())[SERVICE];
    const delivered = deliveredUpTo(state);
    showTables(state);
    showQueue(state, delivered);
    showRequests(state);
    showFaults(state);
    showServer(state);
    $("offline").hidden = true;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    $("offline").hidden = false;
  }
}

async function run() {
  for (;;) {
    if (!document.hidden) await refresh().catch(console.error);
    await new Promise((resolve) => setTimeout(resolve, REFRESH));
  }
}

translate(document);
$("push").event.value = JSON.stringify(EXAMPLE, null, 1);
$("push").event.setAttribute("aria-label", $("push").closest("details").querySelector("summary").textContent);
$("push").addEventListener("submit", (event) => { event.preventDefault(); post(`${PATH}/events`, $("push").event.value); });
$("faults").addEventListener("change", sendFaults);
$("faults").addEventListener("submit", (event) => event.preventDefault());
$("faults-clear").addEventListener("click", () => post("faults", { [SERVICE]: null }));
$("settings").addEventListener("submit", (event) => event.preventDefault());
$("settings").addEventListener("change", ({ target }) => post(`${PATH}/settings`, { [target.name]: /^\d+$/.test(target.value) && target.name === "auth_failure" ? Number(target.value) : target.value }));
for (const button of document.querySelectorAll("[data-post]")) button.addEventListener("click", () => post(`${PATH}/${button.dataset.post}`));
document.addEventListener("visibilitychange", () => document.hidden || refresh().catch(console.error));
run();
