import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../../../custom_components/carbis_alerts/board/www/config.js";
import { layOut } from "../../../custom_components/carbis_alerts/board/www/layout.js";
import { alert, entry, NOW, snapshot, table } from "./samples.js";

const SITE = { devices: {}, areas: {}, language: "en", isLost: false };
const lay = (lists, config = {}, site = {}) =>
  layOut(snapshot(lists), complete(config), { ...SITE, ...site }, NOW);
const names = (tiles) => tiles.map(({ name }) => name);

const TABLES = [table("1"), table("2"), table("3")];
const HALLS = {
  areas: { hall: { name: "Hall" }, bar: { name: "Bar" } },
  devices: {
    "device 1": { name: "Table 1", name_by_user: null, area_id: "hall" },
    "device 2": { name: "Table 2", name_by_user: "Window", area_id: "bar" },
    "device 3": { name: "Table 3", name_by_user: null, area_id: null },
  },
};

test("tables stand in their halls, under the names that people gave them", () => {
  const { halls } = lay({ places: TABLES }, {}, HALLS);
  assert.deepEqual(names(halls), ["Bar", "Hall", null]);
  assert.deepEqual(halls.map(({ tiles }) => names(tiles)), [["Window"], ["Table 1"], ["Table 3"]]);
});

test("a hall where somebody waits comes first, unless tiles never move", () => {
  const lists = { places: TABLES, alerts: [alert("1", 3)] };
  assert.deepEqual(names(lay(lists, {}, HALLS).halls), ["Hall", "Bar", null]);
  assert.deepEqual(names(lay(lists, { order: "name" }, HALLS).halls), ["Bar", "Hall", null]);
});

test("a card of one hall shows that hall", () => {
  const { halls } = lay({ places: TABLES }, { areas: ["bar"] }, HALLS);
  assert.deepEqual(halls.map(({ tiles }) => names(tiles)), [["Window"]]);
});

test("a card of those that wait shows no quiet table", () => {
  const lists = { places: TABLES, alerts: [alert("2", 3), alert("3", 3, { state: "acknowledged" })] };
  const [{ tiles }] = lay(lists, { tables: "waiting" }).halls;
  assert.deepEqual(names(tiles), ["2", "3"]);
});

test("a call whose table is gone is still shown", () => {
  const lists = { places: TABLES, alerts: [alert("9", 3, { device_id: "hub", name: "Table 9" })] };
  const [{ tiles }] = lay(lists).halls;
  assert.deepEqual(names(tiles), ["Table 9", "1", "2", "3"]);
});

test("a card of one service shows that service", () => {
  const other = { entry_id: "other" };
  const lists = {
    entries: [entry(), entry(other)],
    places: [table("1"), table("2", other)],
    alerts: [alert("1", 3), alert("2", 3, other)],
  };
  const laid = lay(lists, { entries: ["other"] });
  assert.deepEqual(names(laid.halls[0].tiles), ["2"]);
  assert.equal(laid.waiting.length, 1);
});

test("what is away or lost is stale", () => {
  const lists = { entries: [entry({ connected: false })], places: TABLES };
  assert.ok(lay(lists).halls[0].tiles.every(({ stale }) => stale));
  assert.ok(lay({ places: TABLES }, {}, { isLost: true }).halls[0].tiles.every(({ stale }) => stale));
  assert.ok(lay({ places: TABLES }).halls[0].tiles.every(({ stale }) => !stale));
});

test("a missed call waits to be returned", () => {
  const call = alert("+7982", 130, { kind: "missed_call", name: "Hidden number" });
  const { missed, halls } = lay({ ...APART, alerts: [call] });
  assert.deepEqual(missed.map(({ name, level }) => [name, level]), [["Hidden number", "overdue"]]);
  assert.deepEqual(halls, []);
});

// A service without tables.
const APART = { entries: [entry({ has_tables: false })] };
const text = (event_id, chat_id, time, more = {}) => ({
  is_group: false,
  ...{ entry_id: "menu", event_id, chat_id, type: "message", sender: chat_id },
  ...{ name: `Guest ${chat_id}`, writer: `Guest ${chat_id}`, text: event_id, time: `2026-11-22T19:0${time}:00Z`, ...more },
});

test("of each chat the last message is shown, what waits for an answer first", () => {
  const messages = [
    text("hello", "a", 1),
    text("and", "b", 2),
    text("we say", "a", 3, { type: "message_sent", name: "+7 982" }),
    text("sms", null, 4, { type: "sms", sender: "+7", name: "+7" }),
  ];
  const alerts = [alert("b", 30, { kind: "message", name: "Anna" })];
  const rows = lay({ messages, alerts }).messages;
  assert.deepEqual(rows.map(({ name, isOurs, chatId }) => [name, isOurs, chatId]), [
    ["Anna", false, "b"],
    ["+7", false, null],
    ["Guest a", true, "a"],
  ]);
  assert.equal(rows[0].alert.alert_id, "alert b");
});

test("more who wait for an answer than there are rows have tiles, none is out of sight", () => {
  const chats = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const messages = chats.slice(1).map((chat, i) => text(`text ${i}`, chat, i));
  const alerts = chats.map((chat) => alert(chat, 30, { kind: "message", name: `Guest ${chat}` }));
  const laid = lay({ ...APART, messages, alerts });
  assert.equal(laid.messages.length, 6);
  const seen = [...laid.messages, ...laid.missed].map((model) => model.alert.alert_id).sort();
  assert.deepEqual(seen, alerts.map(({ alert_id }) => alert_id));
  assert.equal(laid.waiting.length, 8);
});

test("a group's messages name their writer", () => {
  const [row] = lay({ messages: [text("hello", "1@g.us", 1, { is_group: true, name: "Group" })] }).messages;
  assert.deepEqual([row.name, row.text], ["Group", "Guest 1@g.us: hello"]);
});

test("a chat that was added has the name that it was given", () => {
  const chat = table("Kitchen", { kind: "chat", id: "1@g.us" });
  const [row] = lay({ messages: [text("hello", "1@g.us", 1, { is_group: true })], places: [chat] }).messages;
  assert.equal(row.name, "Kitchen");
  const devices = { "device Kitchen": { name: "Kitchen", name_by_user: "Cooks" } };
  const [named] = lay({ messages: [text("hello", "1@g.us", 1)], places: [chat] }, {}, { devices }).messages;
  assert.equal(named.name, "Cooks");
});

test("two calls without a table of their own are two tiles", () => {
  const alerts = ["8", "9"].map((name) => alert(name, 3, { device_id: "hub" }));
  const laid = lay({ places: TABLES, alerts });
  assert.deepEqual(names(laid.halls[0].tiles).slice(0, 2), ["8", "9"]);
  assert.equal(laid.waiting.length, 2);
});

test("a card of one hall counts who waits there", () => {
  const lists = { places: TABLES, alerts: [alert("1", 3), alert("2", 3)] };
  assert.equal(lay(lists, { areas: ["bar"] }, HALLS).waiting.length, 1);
});

test("what is away is not sure", () => {
  assert.ok(lay({}).isSure);
  assert.ok(!lay({ entries: [entry({ connected: false })] }).isSure);
});

test("a message that waits has a tile where messages are not shown", () => {
  const alerts = [alert("b", 30, { kind: "message", name: "Anna" })];
  const laid = lay({ ...APART, alerts }, { show: ["tables"] });
  assert.deepEqual(names(laid.missed), ["Anna"]);
  assert.deepEqual(laid.messages, []);
});

test("the answer time is the mean of all services that have one, by how often they were answered", () => {
  const of = (entry_id, answered, answer_time) => entry({ entry_id, figures: { answered, answer_time } });
  const phones = { ...of("d", 9, 900), has_answer_time: false };
  const chats = { ...of("e", 5, 600), has_tables: false };
  const entries = [of("a", 3, 10), of("b", 1, 50), of("c", 0, null), phones, chats];
  assert.equal(lay({ entries }).answerTime, 20);
  assert.equal(lay({ entries: [of("c", 0, null)] }).answerTime, null);
  assert.equal(lay({ entries: [of("c", 0, null), chats] }).answerTime, 600);
  assert.equal(lay({ entries }, { show: ["tables"] }).answerTime, null);
});

test("a call in progress names the caller and where it is", () => {
  const call = {
    ...{ entry_id: "menu", call_id: "7", device_id: "device 1", extension: "107", state: "ringing" },
    ...{ caller: "+7982", caller_name: "Anna", name: "Anna", vip: true, since: "2026-11-22T19:09:00Z" },
  };
  const [row] = lay({ calls: [call] }, {}, HALLS).calls;
  assert.deepEqual([row.name, row.number, row.at, row.vip], ["Anna", "+7982", "Table 1", true]);
  const [unknown] = lay({ calls: [{ ...call, caller_name: null, name: "+7982", extension: null }] }, {}, HALLS).calls;
  assert.deepEqual([unknown.name, unknown.number, unknown.at], ["+7982", null, null]);
});

test("300 tables are laid out, and none is lost", () => {
  const places = Array.from({ length: 300 }, (_, i) => table(String(i)));
  const [{ tiles }] = lay({ places, alerts: [alert("7", 3)] }).halls;
  assert.equal(new Set(tiles.map(({ key }) => key)).size, 300);
  assert.equal(tiles[0].name, "7");
});

test("since when the one waits that has waited longest is known, taken ones apart", () => {
  const places = ["1", "2", "3"].map((name) => table(name));
  const alerts = [alert("1", 30), alert("2", 70), alert("3", 90, { state: "acknowledged" })];
  const laid = lay({ places, alerts });
  assert.equal(laid.longestSince, Date.parse(alerts[1].opened_at));
  assert.equal(lay({ places }).longestSince, null);
});

test("whoever is snoozed does not press, but is not nobody: they wait the longest", () => {
  const places = ["1", "2"].map((name) => table(name));
  const snoozed_until = new Date(NOW + 60_000).toISOString();
  const alerts = [alert("1", 30), alert("2", 70, { snoozed_until })];
  const laid = lay({ places, alerts });
  assert.deepEqual([laid.waiting.length, laid.snoozed], [1, 1]);
  assert.equal(laid.longestSince, Date.parse(alerts[1].opened_at));
});

test("who was forgotten today is counted over all services, as a figure", () => {
  const figures = (forgotten) => ({ answered: 0, answer_time: null, forgotten });
  const entries = [
    entry({ figures: figures(21) }),
    entry({ entry_id: "pbx", source: "pbx", has_tables: false, figures: figures(1) }),
    entry({ entry_id: "new", loaded: false, figures: {} }),
  ];
  assert.equal(lay({ entries }).forgotten, 22);
  assert.equal(lay({ entries }, { show: ["tables"] }).forgotten, 0);
  assert.equal(lay({}).forgotten, 0);
});

const bill = (name, seconds, more) =>
  alert(name, seconds, { alert_id: `bill ${name}`, kind: "bill_request", ...more });

test("several alerts of one table are all seen, what presses most first", () => {
  const alerts = [bill("2", 70), alert("2", 130), bill("1", 5), alert("1", 200, { state: "acknowledged" })];
  const laid = lay({ places: TABLES, alerts });
  const [{ tiles }] = laid.halls;
  const seen = tiles.map((tile) => [tile.key, tile.level, tile.alert?.alert_id, tile.others.map(({ key }) => key)]);
  assert.deepEqual(seen, [
    ["device 2", "overdue", "alert 2", ["bill 2"]],
    ["device 1", "open", "bill 1", ["alert 1"]],
    ["device 3", "quiet", undefined, []],
  ]);
  assert.deepEqual(laid.waiting.map(({ alert: { alert_id } }) => alert_id), ["alert 2", "bill 2", "bill 1"]);
  assert.deepEqual(tiles[0].others.map(({ name, level, entryId }) => [name, level, entryId]), [["2", "soon", "menu"]]);
});

test("an alert is shown whatever its kind and wherever it is, once", () => {
  const phone = { entry_id: "pbx" };
  const lists = {
    entries: [entry(), entry({ ...phone, source: "pbx", has_tables: false })],
    places: [...TABLES, table("107", { ...phone, kind: "extension" })],
    messages: [text("hello", "a", 1)],
    alerts: [
      ...[bill("1", 5), bill("gone", 5), alert("1", 5), bill("107", 5, phone), bill("hub", 5, phone)],
      ...[alert("a", 5, { ...phone, kind: "message" }), bill("a", 5, { ...phone, alert_id: "bill a" })],
      alert("x", 5, { entry_id: "unknown", kind: "new" }),
    ],
  };
  const laid = lay(lists);
  const models = [...laid.halls.flatMap(({ tiles }) => tiles), ...laid.missed, ...laid.messages];
  const seen = models.flatMap((model) => [model, ...(model.others ?? [])]).filter((model) => model.alert);
  const ids = seen.map((model) => model.alert.alert_id).sort();
  assert.deepEqual(ids, lists.alerts.map(({ alert_id }) => alert_id).sort());
  assert.equal(laid.waiting.length, lists.alerts.length);
});
