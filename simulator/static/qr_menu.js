import { $, element, fill, post } from "./page.js";
import { money, seats, span, tableName, translate, word } from "./words.js";

const PATH = "qr-menu";
const SHOWN_EVENTS = 30;
const POLLED_LATELY = 15;
const EXAMPLE = { code: "waiter_call", table: 1000028, invoice: null, order: null, table_repr: { id: 1000028, name: "6", max_guests: 50 } };

const tiles = new Map();

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
    tile.querySelector(".sum").textContent = table.sum ? [money(table.sum), table.waiter].filter(Boolean).join(" · ") : "—";
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

function showServer(state) {
  $("url").textContent = state.url;
  $("fingerprint").textContent = state.fingerprint?.toUpperCase().match(/../g).join(":") ?? "";
  for (const part of [$("fingerprint-title"), $("fingerprint").parentElement, $("renew")]) part.hidden = !state.fingerprint;
  $("connections").textContent = word("s_open", state.open_connections, state.connections);
  const { token, auth_failure, unknown_cursor } = state;
  fill($("settings"), { token, auth_failure, unknown_cursor });
}

export function show(state) {
  showTables(state);
  showQueue(state, deliveredUpTo(state));
  showServer(state);
}

export function status(state) {
  const last = state.last_requests[0];
  return last ? [last.ago < POLLED_LATELY ? "live" : "late", word("poll", span(last.ago))] : ["never", word("poll_never")];
}

export function prepare() {
  const form = $("push");
  form.event.value = JSON.stringify(EXAMPLE, null, 1);
  form.event.setAttribute("aria-label", form.closest("details").querySelector("summary").textContent);
  form.addEventListener("submit", (event) => { event.preventDefault(); post(`${PATH}/events`, form.event.value); });
  $("settings").addEventListener("submit", (event) => event.preventDefault());
  $("settings").addEventListener("change", ({ target }) => post(`${PATH}/settings`, { [target.name]: /^\d+$/.test(target.value) && target.name === "auth_failure" ? Number(target.value) : target.value }));
}
