import { $, element, fill, post } from "./page.js";
import { span, translate, word } from "./words.js";

const PATH = "pbx";
const SHOWN_MESSAGES = 30;
const SHOWN_ANSWERS = 8;
const EXAMPLE = { event_type: "incoming_call", payload: { call_id: 8, call_src: "+79821234567", call_dst: "107", trunk: "GSM1" } };
const NUMBERS = ["auth_failure", "max_streams", "heartbeat"];
const SETTINGS = ["token", "username", "password", ...NUMBERS, "dialect", "call_ids"];

const tiles = new Map();

function callTile(call) {
  const tile = $("call").content.firstElementChild.cloneNode(true);
  translate(tile);
  const title = word("call", call.id);
  for (const button of tile.querySelectorAll("[data-do]")) {
    button.setAttribute("aria-label", `${title}: ${button.textContent.trim()}`);
    button.addEventListener("click", () => post(`${PATH}/calls/${call.id}/${button.dataset.do}`));
  }
  const form = tile.querySelector("form");
  form.to.setAttribute("aria-label", `${title}: ${word("redirect_to")}`);
  form.addEventListener("submit", (event) => { event.preventDefault(); post(`${PATH}/calls/${call.id}/redirect`, { to: form.to.value }); });
  return tile;
}

function showCalls({ calls }) {
  const present = new Map(calls.map((call) => [`${call.id} ${call.number}`, call]));
  for (const [key, tile] of tiles) {
    if (present.has(key)) continue;
    // Who ended the call by keyboard goes on with the next one.
    if (tile.contains(document.activeElement)) $("ring").number.focus();
    tile.remove();
    tiles.delete(key);
  }
  for (const [key, call] of present) {
    let tile = tiles.get(key);
    if (!tile) {
      tile = callTile(call);
      tiles.set(key, tile);
      $("calls").append(tile);
    }
    const sides = [call.number || "—", call.extension];
    tile.dataset.state = call.state;
    tile.querySelector(".label").textContent = (call.direction === "incoming" ? sides : sides.reverse()).join(" → ");
    tile.querySelector(".sum").textContent = call.trunk;
    tile.querySelector(".note").textContent = word(`c_${call.state}`, span(call.seconds));
    const talking = call.state === "talking";
    for (const [name, hidden] of [["answer", talking], ["miss", talking], ["hang-up", !talking]]) {
      const button = tile.querySelector(`[data-do=${name}]`);
      const focused = hidden && button === document.activeElement;
      button.hidden = hidden;
      if (focused) tile.querySelector("[data-do]:not([hidden])").focus();
    }
  }
  $("calls-count").textContent = calls.length || "";
  $("calls-empty").hidden = calls.length > 0;
}

function details(payload) {
  if (payload === null || typeof payload !== "object") return "";
  const { call_src, call_dst, number, status, duration, sms_src, text } = payload;
  if (call_src !== undefined || call_dst !== undefined) return `${call_src ?? "—"} → ${call_dst ?? "—"}`;
  if (status !== undefined) return duration ? `${status} · ${span(duration)}` : String(status);
  return [number, sms_src, text].filter((part) => part !== undefined).join(" · ");
}

function showMessages(state) {
  $("messages-empty").hidden = state.last_messages.length > 0;
  const rows = state.last_messages.slice(0, SHOWN_MESSAGES).map(({ ago, message }) => {
    const row = element("li");
    const kind = message?.event_type;
    row.dataset.code = kind ?? "";
    const what = element("span", undefined, "what");
    what.append(element("b", typeof kind === "string" ? word(kind) : JSON.stringify(message)), element("small", details(message?.payload)));
    const when = element("span", span(ago), "when");
    const call = message?.payload?.call_id;
    if (call !== undefined) when.append(element("code", JSON.stringify(call)));
    row.append(what, when);
    return row;
  });
  $("messages").replaceChildren(...rows);
}

function showListeners(state) {
  $("streams").textContent = word("l_open", state.streams, state.max_streams);
  for (const button of document.querySelectorAll("[data-post^=streams]")) button.disabled = state.streams === 0;
  $("hook").textContent = state.hook ? `${state.hook.hook} (${state.hook.subscribe.join(", ")})` : word("l_none");
  const answers = state.hook_answers.slice(0, SHOWN_ANSWERS).map(({ status, body }) => {
    const good = status >= 200 && status < 300;
    return element("span", status ?? body, good ? "pill good" : "pill bad");
  });
  $("hook-answers-title").hidden = $("hook-answers").hidden = answers.length === 0;
  $("hook-answers").className = "answers";
  $("hook-answers").replaceChildren(...answers);
}

function showServer(state) {
  $("pbx-url").textContent = state.url;
  $("pbx-device").textContent = state.device_id;
  $("pbx-connections").textContent = word("s_open", state.open_connections, state.connections);
  fill($("pbx-settings"), Object.fromEntries(SETTINGS.map((name) => [name, state[name]])));
}

export function show(state) {
  showCalls(state);
  showMessages(state);
  showListeners(state);
  showServer(state);
}

export function status({ streams, hook }) {
  if (hook) return ["live", word("listen_hook", streams)];
  return streams ? ["live", word("listen", streams)] : ["never", word("listen_none")];
}

function setting({ name, value }) {
  if (value === "") return name === "max_streams" ? 0 : null;
  return NUMBERS.includes(name) ? Number(value) : value;
}

export function prepare() {
  $("ring").addEventListener("submit", (event) => {
    event.preventDefault();
    const { number, extension, trunk } = $("ring");
    const direction = event.submitter?.value ?? "incoming";
    const [from, to] = direction === "incoming" ? [number.value, extension.value] : [extension.value, number.value];
    post(`${PATH}/calls`, { direction, from, to, trunk: trunk.value });
  });
  $("sms").addEventListener("submit", (event) => {
    event.preventDefault();
    post(`${PATH}/sms`, { from: $("sms").from.value, text: $("sms").text.value });
  });
  const form = $("push-message");
  form.event.value = JSON.stringify(EXAMPLE, null, 1);
  form.event.setAttribute("aria-label", form.closest("details").querySelector("summary").textContent);
  form.addEventListener("submit", (event) => { event.preventDefault(); post(`${PATH}/events`, form.event.value); });
  $("pbx-settings").addEventListener("submit", (event) => event.preventDefault());
  $("pbx-settings").addEventListener("change", ({ target }) => post(`${PATH}/settings`, { [target.name]: setting(target) }));
}
