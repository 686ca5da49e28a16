import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, form } from "../../../custom_components/carbis_alerts/board/www/config.js";
import { wordsIn } from "./samples.js";

test("a card without any setting shows everything", () => {
  const config = complete({ type: "custom:carbis-alerts-board" });
  assert.deepEqual(config.show, ["tables", "calls", "messages", "figures"]);
  assert.deepEqual([config.entries, config.areas, config.sound, config.ask_who], [[], [], false, false]);
});

for (const [name, value] of [
  ["size", "huge"],
  ["order", 5],
  ["show", ["tables", "weather"]],
  ["show", "tables"],
  ["entries", "menu"],
  ["sound", "yes"],
  ["ask_who", "yes"],
  ["title", ["a"]],
]) {
  test(`${name}: ${JSON.stringify(value)} is refused by its name`, () => {
    assert.throws(() => complete({ [name]: value }), new RegExp(`"${name}" is not valid`));
  });
}

test("what is empty in the form is the standard", () => {
  assert.equal(complete({ size: null, title: undefined }).size, "medium");
});

for (const language of ["en", "ru"]) {
  test(`the form has a word for everything in ${language}`, () => {
    const { schema, computeLabel } = form([{ entry_id: "menu", title: "QR menu" }], wordsIn(language));
    for (const field of schema) {
      assert.ok(computeLabel(field), field.name);
      for (const { label } of field.selector.select?.options ?? []) assert.ok(label, field.name);
    }
  });
}
