import assert from "node:assert/strict";
import { test } from "node:test";
import { reopen } from "../../../custom_components/carbis_alerts/board/www/actions.js";
import { backWord, holder } from "../../../custom_components/carbis_alerts/board/www/choices.js";
import { alert, wordsIn } from "./samples.js";

const taken = (by) => alert("2", 60, { state: "acknowledged", by, acknowledged_at: "2026-11-22T19:09:00Z" });

test("the dialog says who has it, and since when", () => {
  const time = (words, language, by) => holder(taken(by), words, language).split(" · ");
  const [who, since] = time(wordsIn("ru"), "ru", "Планшет у бара");
  assert.equal(who, "Принято: Планшет у бара");
  assert.match(since, /^\d\d:\d\d$/);
  assert.equal(time(wordsIn("en"), "en", null)[0], "Taken");
  assert.equal(holder(alert("2", 60), wordsIn("en"), "en"), "");
});

test("only whoever has it is asked whether it is not theirs", () => {
  const words = wordsIn("en");
  assert.equal(backWord(taken("Anna"), "Anna", words), "Not me");
  assert.equal(backWord(taken("Boris"), "Anna", words), "Waits again");
  assert.equal(backWord(taken(null), undefined, words), "Waits again");
});

test("what is given back is opened again by its id", async () => {
  const sent = [];
  const hass = { connection: { sendMessagePromise: async (message) => sent.push(message) } };
  await reopen(hass, { alert: taken("Anna") });
  const [{ domain, service, service_data: data }] = sent;
  assert.deepEqual([domain, service, data], ["carbis_alerts", "reopen", { alert_id: "alert 2" }]);
});
