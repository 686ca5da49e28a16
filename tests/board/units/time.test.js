import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, span, spoken } from "../../../custom_components/carbis_alerts/board/www/time.js";
import { wordsIn } from "./samples.js";

const en = wordsIn("en");
const ru = wordsIn("ru");
const SECOND = 1000;
const MINUTE = 60 * SECOND;

for (const [ms, told] of [
  [-5 * SECOND, "0:00"],
  [0, "0:00"],
  [7 * SECOND + 999, "0:07"],
  [12 * MINUTE + 5 * SECOND, "12:05"],
  [59 * MINUTE + 59 * SECOND, "59:59"],
  [60 * MINUTE, "1 h 0 min"],
  [25 * 60 * MINUTE + MINUTE, "25 h 1 min"],
]) {
  test(`${ms} ms stand on a tile as ${told}`, () => assert.equal(span(ms, en), told));
}

for (const [minutes, english, russian] of [
  [0.9, "less than a minute", "меньше минуты"],
  [1, "1 minute", "1 минуту"],
  [2, "2 minutes", "2 минуты"],
  [5, "5 minutes", "5 минут"],
  [21, "21 minutes", "21 минуту"],
  [61, "1 h 1 min", "1 ч 1 мин"],
]) {
  test(`${minutes} minutes are spoken in both languages`, () => {
    assert.equal(spoken(minutes * MINUTE, en, "en"), english);
    assert.equal(spoken(minutes * MINUTE, ru, "ru"), russian);
  });
}

test("a time of day is that of the language", () => {
  const noon = new Date(2026, 10, 22, 19, 5).getTime();
  assert.equal(clock(noon, "ru"), "19:05");
  assert.match(clock(noon, "en-US"), /^07:05\sPM$/);
});
