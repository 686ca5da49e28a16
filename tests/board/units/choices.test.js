import assert from "node:assert/strict";
import { test } from "node:test";
import { close, reopen, snooze } from "../../../custom_components/carbis_alerts/board/www/actions.js";
import { backWord, holder } from "../../../custom_components/carbis_alerts/board/www/choices.js";
import { alert, wordsIn } from "./samples.js";

const taken = (by) => alert("2", 60, { state: "acknowledged", by, acknowledged_at: "2026-11-22T19:09:00Z" });

test("the dialog says who has it, and since when", () => {
  const time = (words, language, by) => holder({ alert: taken(by), level: "acknowledged" }, words, language).split(" · ");
  const [who, since] = time(wordsIn("ru"), "ru", "Планшет у бара");
  assert.equal(who, "Принято: Планшет у бара");
  assert.match(since, /^\d\d:\d\d$/);
  assert.equal(time(wordsIn("en"), "en", null)[0], "Taken");
  assert.equal(holder({ alert: alert("2", 60), level: "open" }, wordsIn("en"), "en"), "");
});

test("only whoever has it is asked whether it is not theirs", () => {
  const words = wordsIn("en");
  assert.equal(backWord(taken("Anna"), "Anna", words), "Not me");
  assert.equal(backWord(taken("Boris"), "Anna", words), "Waits again");
  assert.equal(backWord(taken(null), undefined, words), "Waits again");
});

test("the dialog says until when it is snoozed, and by whom", () => {
  const snoozed = alert("2", 60, { by: "Anna", snoozed_until: "2026-11-22T19:19:00Z" });
  const [until, who] = holder({ alert: snoozed, level: "snoozed" }, wordsIn("ru"), "ru").split(" · ");
  assert.match(until, /^Отложено до \d\d:\d\d$/);
  assert.equal(who, "Anna");
  assert.equal(backWord(snoozed, "Anna", wordsIn("en")), "Waits again");
});

for (const [name, does, more] of [
  ["reopen", reopen, {}],
  ["close", close, {}],
  ["snooze", snooze, { minutes: 10 }],
]) {
  test(`an alert is named by its id: ${name}`, async () => {
    const sent = [];
    const hass = { connection: { sendMessagePromise: async (message) => sent.push(message) } };
    await does(hass, { alert: taken("Anna") });
    const [{ domain, service, service_data: data }] = sent;
    assert.deepEqual([domain, service, data], ["carbis_alerts", name, { alert_id: "alert 2", ...more }]);
  });
}
