import assert from "node:assert/strict";
import { test } from "node:test";
import { count, fill, whoWaits } from "../../../custom_components/carbis_alerts/board/www/words.js";
import { wordsIn } from "./samples.js";

const leaves = (words, path = "") =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
const PLURAL = /\.(one|few|many|other)$/;
const known = (language) => new Map(leaves(wordsIn(language)));

test("both languages say the same things", () => {
  const keys = (language) => [...known(language).keys()].filter((key) => !PLURAL.test(key));
  assert.deepEqual(keys("ru"), keys("en"));
});

test("both languages name the same values", () => {
  const values = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  const russian = known("ru");
  for (const [key, text] of known("en")) {
    assert.ok(text || key === "states.idle", key);
    assert.deepEqual(values(russian.get(key) ?? ""), values(text), key);
  }
});

for (const language of ["en", "ru"]) {
  test(`${language} has every form that its numbers take`, () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const name of ["waits", "minutes", "forgotten"]) {
      assert.deepEqual(Object.keys(wordsIn(language)[name]).sort(), [...forms].sort(), name);
    }
  });
}

test("a value is put in as it is, and one that is missing leaves nothing", () => {
  assert.equal(fill("{a} and {b}", { a: "$& {b}", b: "<b>" }), "$& {b} and <b>");
  assert.equal(fill("{a}.", {}), ".");
});

test("a number chooses its form", () => {
  const { waits } = wordsIn("ru");
  assert.deepEqual([1, 2, 5, 21].map((n) => count(waits, n, "ru")), ["1 ждёт", "2 ждут", "5 ждут", "21 ждёт"]);
});

test("nobody who is snoozed makes it look as if nobody waited", () => {
  const said = (length, snoozed) => whoWaits({ waiting: { length }, snoozed }, wordsIn("en"), "en");
  assert.deepEqual([said(0, 0), said(2, 0), said(1, 1), said(0, 3)], ["", "2 wait", "1 waits · 1 snoozed", "3 snoozed"]);
});
