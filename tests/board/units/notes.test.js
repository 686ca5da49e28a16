import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../../../custom_components/carbis_alerts/board/www/config.js";
import { notesOf } from "../../../custom_components/carbis_alerts/board/www/notes.js";
import { clock } from "../../../custom_components/carbis_alerts/board/www/time.js";
import { entry, NOW, snapshot, wordsIn } from "./samples.js";

const words = wordsIn("en");
const notes = (entries, { status = "live", config = {}, knownAt = null, mayAct = true } = {}) => {
  const known = Object.assign(snapshot({ entries }), { mayAct });
  return notesOf({ snapshot: known, status, knownAt }, complete(config), words, "en");
};

test("while all is well nothing is told", () => assert.deepEqual(notes([entry()]), []));

test("a service that is away is told with the time of its last answer", () => {
  const last_answer = "2026-11-22T19:02:00Z";
  const [note] = notes([entry({ connected: false, last_answer })]);
  const time = clock(Date.parse(last_answer), "en");
  assert.equal(note, `QR menu: no connection since ${time}. Shown is what was known then.`);
});

test("an entry that does not run is told", () => {
  const [note] = notes([entry({ connected: false, loaded: false })]);
  assert.match(note, /^QR menu is not running/);
});

test("a service that the card does not show is nothing to it", () => {
  const entries = [entry(), entry({ entry_id: "other", connected: false })];
  assert.deepEqual(notes(entries, { config: { entries: ["menu"] } }), []);
});

test("a service that is gone is named", () => {
  assert.deepEqual(notes([entry()], { config: { entries: ["gone"] } }), [words.unknownEntry]);
});

test("whoever may only look is told", () => {
  assert.deepEqual(notes([entry()], { mayAct: false }), [words.noRight]);
});

test("whoever may see nothing is told so", () => {
  assert.deepEqual(notes([], { status: "refused" }), [words.refused]);
});

test("without Home Assistant nothing else matters", () => {
  const [note, ...more] = notes([entry({ connected: false })], { status: "lost", knownAt: NOW });
  assert.match(note, /^No connection to Home Assistant since /);
  assert.deepEqual(more, []);
});
