import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, take } from "../../../custom_components/carbis_alerts/board/www/snapshot.js";
import { alert, change, entry, message, NOW, snapshot, table } from "./samples.js";

test("a snapshot replaces what was known", () => {
  const known = snapshot({ places: [table("1")], alerts: [alert("1", 5)] });
  const begun = take(known, message({ entries: [entry()], places: [table("2")] }), NOW);
  assert.deepEqual([...known.places.keys()], ["device 2"]);
  assert.equal(known.alerts.size, 0);
  assert.deepEqual(begun, []);
});

test("only what begins to wait is heard: new, again, or after it was taken", () => {
  const known = snapshot({ alerts: [alert("1", 5)] });
  const heard = (...alerts) => take(known, change({ alerts }), NOW).map(({ key }) => key);
  assert.deepEqual(heard(alert("1", 5)), []);
  assert.deepEqual(heard(alert("1", 5, { count: 2 }), alert("2", 0)), ["1", "2"]);
  assert.deepEqual(heard(alert("1", 5, { state: "acknowledged", count: 2 })), []);
  assert.deepEqual(heard(alert("1", 5, { count: 2 })), ["1"]);
});

test("what began to wait during an outage is heard with the next snapshot, at the first nothing is", () => {
  const known = blank();
  const seen = message({ entries: [entry()], alerts: [alert("1", 60)] });
  assert.deepEqual(take(known, seen, NOW), []);
  const later = message({ entries: [entry()], alerts: [alert("1", 90), alert("2", 5)] });
  assert.deepEqual(take(known, later, NOW).map(({ key }) => key), ["2"]);
});

test("of an entry that does not run, what was known stays", () => {
  const known = snapshot({ places: [table("1")], alerts: [alert("1", 5)] });
  take(known, message({ entries: [entry({ loaded: false, connected: false })] }), NOW);
  assert.deepEqual([known.places.size, known.alerts.size], [1, 1]);
  take(known, message({ entries: [entry()] }), NOW);
  assert.deepEqual([known.places.size, known.alerts.size], [0, 0]);
});

test("messages of one service do not push out those of another", () => {
  const known = blank();
  const of = (entry_id) => Array.from({ length: 50 }, (_, i) => ({ entry_id, event_id: String(i) }));
  const entries = [entry({ entry_id: "one" }), entry({ entry_id: "two" })];
  take(known, message({ entries, messages: [...of("one"), ...of("two")] }), NOW);
  assert.equal(known.messages.size, 100);
});

test("a closed alert is gone, and so is one that is only removed", () => {
  const known = snapshot({ alerts: [alert("1", 5), alert("2", 5)] });
  take(known, change({ alerts: [alert("1", 5, { state: "closed" })] }), NOW);
  take(known, change({}, { alerts: ["alert 2"] }), NOW);
  assert.equal(known.alerts.size, 0);
});

test("calls of two PBXs with the same number are two", () => {
  const known = blank();
  const call = (entry_id) => ({ entry_id, call_id: "7", state: "ringing" });
  take(known, message({ calls: [call("one"), call("two")] }), NOW);
  take(known, change({}, { calls: [{ entry_id: "one", call_id: "7" }] }), NOW);
  assert.deepEqual([...known.calls.values()], [call("two")]);
});

test("an entry that is removed takes all that is its own with it", () => {
  const known = snapshot({ places: [table("1"), table("2", { entry_id: "other" })], alerts: [alert("1", 5)] });
  take(known, change({}, { entries: ["menu"] }), NOW);
  assert.deepEqual([...known.places.keys()], ["device 2"]);
  assert.equal(known.alerts.size + known.entries.size, 0);
});

test("a tablet whose clock is off reckons with Home Assistant's", () => {
  const known = blank();
  take(known, message(), NOW - 90000);
  assert.equal(known.ahead, 90000);
});

test("no more messages are kept than are sent at once", () => {
  const known = blank();
  for (let i = 0; i < 200; i += 1) {
    take(known, change({ messages: [{ entry_id: "chat", event_id: String(i) }] }), NOW);
  }
  assert.equal(known.messages.size, 50);
  assert.equal([...known.messages.values()].at(-1).event_id, "199");
});
