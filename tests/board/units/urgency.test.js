import assert from "node:assert/strict";
import { test } from "node:test";
import { comparison, levelOf } from "../../../custom_components/carbis_alerts/board/www/urgency.js";
import { alert, NOW } from "./samples.js";

for (const [seconds, level] of [
  [0, "open"],
  [59, "open"],
  [60, "soon"],
  [119, "soon"],
  [120, "overdue"],
  [-30, "open"],
]) {
  test(`what has waited ${seconds} of 120 s is ${level}`, () => {
    assert.equal(levelOf(alert("6", seconds), NOW, 120), level);
  });
}

test("without a limit nothing is ever overdue", () => {
  assert.equal(levelOf(alert("6", 9999), NOW, 0), "open");
  assert.equal(levelOf(alert("6", 9999), NOW, undefined), "open");
});

test("what somebody has does not press", () => {
  assert.equal(levelOf(alert("6", 9999, { state: "acknowledged" }), NOW, 120), "acknowledged");
  assert.equal(levelOf(undefined, NOW, 120), "quiet");
});

test("what is snoozed does not press until then", () => {
  const until = (seconds) => ({ snoozed_until: new Date(NOW + seconds * 1000).toISOString() });
  assert.equal(levelOf(alert("6", 9999, until(1)), NOW, 120), "snoozed");
  assert.equal(levelOf(alert("6", 9999, until(0)), NOW, 120), "overdue");
});

const tile = (name, level, seconds) => ({ key: name, name, level, alert: alert(name, seconds) });
const order = (by, tiles) => tiles.sort(comparison(by, "en")).map(({ name }) => name);

test("whoever waits longest comes first, then what is taken, then the quiet by name", () => {
  const tiles = [
    tile("Table 10", "quiet", 0),
    tile("Table 9", "quiet", 0),
    tile("Table 3", "open", 5),
    tile("Table 2", "acknowledged", 500),
    tile("Table 1", "overdue", 300),
    tile("Table 4", "soon", 70),
  ];
  const expected = ["Table 1", "Table 4", "Table 3", "Table 2", "Table 9", "Table 10"];
  assert.deepEqual(order("urgency", tiles), expected);
});

test("an order by name stands still, and counts as people do", () => {
  const tiles = [tile("Table 10", "overdue", 500), tile("Table 2", "quiet", 0), tile("Table 1", "open", 3)];
  assert.deepEqual(order("name", tiles), ["Table 1", "Table 2", "Table 10"]);
});
