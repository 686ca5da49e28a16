import assert from "node:assert/strict";
import { test } from "node:test";
import { about, kindsIn, kindWord } from "../../../custom_components/carbis_alerts/board/www/kinds.js";
import { alert, localizeIn, wordsIn } from "./samples.js";

const words = { ...wordsIn("en"), kinds: kindsIn(localizeIn("en")) };

test("a kind has its word, and one that is not known its own name", () => {
  assert.equal(kindWord("waiter_call", words), "Waiter call");
  assert.equal(kindWord("bill_request", words), "Bill request");
  assert.equal(kindWord("no_such_kind", words), "No such kind");
  assert.equal(kindWord("waiter_call", { kinds: kindsIn(localizeIn("ru")) }), "Вызов официанта");
  assert.equal(kindWord("waiter_call", { kinds: kindsIn(() => "") }), "Waiter call");
});

test("a text says what it is about, with the kind where that is not plain", () => {
  const of = (kind, text) => alert("1", 5, { kind, text });
  assert.equal(about(of("waiter_call", null), words, true), "Waiter call");
  assert.equal(about(of("waiter_call", "Water"), words, true), "Water");
  assert.equal(about(of("waiter_call", "Water"), words, false), "Waiter call: Water");
  assert.equal(about(of("no_such_kind", "by card"), words, true), "No such kind: by card");
});
