import { $, element, fill, post } from "./page.js";
import { language, span, word } from "./words.js";

const PATH = "green-api";
const SHOWN_NOTIFICATIONS = 30;
const POLLED_LATELY = 70;
const EXAMPLE = {
  typeWebhook: "incomingMessageReceived", timestamp: 1588091580, idMessage: "F7AEC1B7086ECDC7E6E45923F5EDB825",
  senderData: { chatId: "79821234567@c.us", sender: "79821234567@c.us", senderName: "Ivan" },
  messageData: { typeMessage: "imageMessage", fileMessageData: { caption: "🍷", downloadUrl: "https://example.com/wine.jpg", fileName: "wine.jpg", mimeType: "image/jpeg" } },
};
const SETTINGS = ["token", "empty_answer", "overlap", "rate_limits"];

let chosen;
let shown = "";
let callId;

function number(chatId) {
  return chatId.replace(/@c\.us$/, "");
}

function bubble(line) {
  const made = element("li", undefined, line.name === null ? "ours" : "");
  const who = line.name ?? word(line.by_api ? "w_us" : "w_phone");
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(Date.now() - line.ago * 1000);
  made.append(element("span", line.text), element("small", `${who} · ${time}`));
  return made;
}

function showChat({ chats }) {
  const newest = chats.reduce((best, chat) => (best && best.lines.at(-1).ago <= chat.lines.at(-1).ago ? best : chat), undefined);
  const chat = chats.find(({ chat_id: id }) => id === chosen) ?? newest;
  const key = JSON.stringify([chat?.chat_id, ...chats.map(({ name, lines }) => [name, lines.length, lines.at(-1).message_id])]);
  // What is read and scrolled stays until something is new.
  if (key === shown) return;
  shown = key;
  $("chats").hidden = chats.length === 0;
  $("chats").replaceChildren(...chats.map(({ chat_id: id, name }) => {
    const option = new Option(name ? `${name} · ${number(id)}` : number(id), id);
    option.dataset.name = name ?? "";
    return option;
  }));
  $("chats").value = chat?.chat_id ?? "";
  $("chat-empty").hidden = chat !== undefined;
  $("chat").replaceChildren(...(chat?.lines ?? []).map(bubble));
  $("chat").scrollTop = $("chat").scrollHeight;
}

function details(body) {
  const { senderData, messageData, status, stateInstance, from } = body;
  const data = messageData ?? {};
  const text = data.textMessageData?.textMessage ?? data.extendedTextMessageData?.text ?? data.fileMessageData?.caption ?? data.typeMessage;
  return [senderData?.senderName ?? from, text, status, stateInstance].filter(Boolean).map(String).join(" · ");
}

function showQueue(state) {
  $("notifications-count").textContent = state.queued || "";
  $("notifications-empty").hidden = state.queued > 0;
  const rows = state.queue.slice(0, SHOWN_NOTIFICATIONS).map(({ age, notification }) => {
    const row = element("li");
    const body = notification?.body;
    const kind = body?.typeWebhook;
    const what = element("span", undefined, "what");
    what.append(element("b", typeof kind === "string" ? word(kind) : JSON.stringify(notification)), element("small", kind ? details(body) : ""));
    const when = element("span", span(age), "when");
    when.append(element("code", notification?.receiptId ?? ""));
    row.append(what, when);
    return row;
  });
  $("notifications").replaceChildren(...rows);
}

function showInstance({ instance }) {
  const form = $("instance");
  for (const name of Object.keys(instance)) {
    if (name === "wid" || form[name]) continue;
    const row = element("label", undefined, "row");
    const input = element("input");
    input.name = name;
    input.spellcheck = false;
    row.append(element("code", name), input);
    form.append(row);
  }
  const { wid, ...values } = instance;
  fill(form, values);
}

function showMessenger({ states, has_calls: hasCalls, losses, account_state: current }) {
  const { state } = $("account");
  if (state.options.length === 0) state.append(...states.map((name) => new Option(name, name)));
  $("whatsapp-call").hidden = !hasCalls;
  $("losses").hidden = losses === 0;
  $("link").hidden = current !== "notAuthorized";
}

export function show(state) {
  showMessenger(state);
  showChat(state);
  showQueue(state);
  showInstance(state);
  $("green-api-url").textContent = state.url;
  $("green-api-instance").textContent = state.instance_id;
  $("green-api-phone").textContent = `+${state.phone}`;
  $("green-api-connections").textContent = word("s_open", state.open_connections, state.connections);
  $("green-api-readers").textContent = state.readers;
  fill($("account"), { state: state.account_state });
  fill($("green-api-settings"), Object.fromEntries(SETTINGS.map((name) => [name, state[name]])));
}

export function status({ readers, last_requests: requests, title }) {
  for (const name of document.querySelectorAll("[data-messenger]")) name.textContent = title;
  if (readers) return ["live", word("waiting")];
  return requests[0] ? [requests[0].ago < POLLED_LATELY ? "live" : "late", word("poll", span(requests[0].ago))] : ["never", word("poll_never")];
}

export function prepare() {
  $("chats").addEventListener("change", () => {
    chosen = $("chats").value;
    const [option] = $("chats").selectedOptions;
    $("write").chat.value = number(chosen);
    $("write").name.value = option.dataset.name;
  });
  $("write").addEventListener("submit", (event) => {
    event.preventDefault();
    const { chat, name, text } = $("write");
    const ours = event.submitter?.value === "ours";
    post(`${PATH}/messages`, { chat: chat.value, name: name.value, text: text.value, ours }).then((done) => {
      if (!done) return;
      // In some messengers the id of a chat is not the number.
      chosen = done.senderData.chatId;
      text.select();
    });
  });
  $("whatsapp-call").addEventListener("submit", (event) => {
    event.preventDefault();
    const call = event.submitter?.value ?? "offer";
    // What follows is of the call that rings.
    if (call === "offer" || !callId) callId = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
    post(`${PATH}/calls`, { from: $("whatsapp-call").from.value, status: call, call_id: callId });
  });
  const form = $("push-notification");
  form.event.value = JSON.stringify(EXAMPLE, null, 1);
  form.event.setAttribute("aria-label", form.closest("details").querySelector("summary").textContent);
  form.addEventListener("submit", (event) => { event.preventDefault(); post(`${PATH}/notifications`, form.event.value); });
  const posts = [["account", "account", (value) => value], ["green-api-settings", "settings", (value) => value],
    ["instance", "instance", (value) => (/^\d+$/.test(value) ? Number(value) : value)]];
  for (const [id, path, read] of posts) {
    $(id).addEventListener("submit", (event) => event.preventDefault());
    $(id).addEventListener("change", ({ target }) => post(`${PATH}/${path}`, { [target.name]: read(target.value) }));
  }
}
