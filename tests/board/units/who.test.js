import assert from "node:assert/strict";
import { test } from "node:test";
import { take as send } from "../../../custom_components/carbis_alerts/board/www/actions.js";
import { take } from "../../../custom_components/carbis_alerts/board/www/snapshot.js";
import { onShift, ownPerson } from "../../../custom_components/carbis_alerts/board/www/who.js";
import { alert, change, NOW, person, snapshot } from "./samples.js";

const PEOPLE = [
  person("Мария"),
  person("Анна"),
  person("Борис", { on_shift: false }),
  person("Вера", { entries: ["other"] }),
];

test("those on shift at the place that waits are asked for, by name", () => {
  const known = snapshot({ people: PEOPLE });
  const names = (entryId) => onShift(known, entryId, "ru").map(({ name }) => name);
  assert.deepEqual(names("menu"), ["Анна", "Мария"]);
  assert.deepEqual(names("other"), ["Вера"]);
  assert.deepEqual(names("third"), []);
});

test("whoever comes or goes is asked for, or not any more", () => {
  const known = snapshot({ people: PEOPLE });
  const names = () => onShift(known, "menu", "ru").map(({ name }) => name);
  take(known, change({ people: [person("Борис")] }, { people: ["person Анна"] }), NOW);
  assert.deepEqual(names(), ["Борис", "Мария"]);
});

test("a user who is a person is nobody else", () => {
  const known = snapshot({ people: [person("Анна", { person_entity: "person.anna" }), person("Мария")] });
  const states = { "person.anna": { attributes: { user_id: "1" } } };
  assert.equal(ownPerson(known, "menu", { user: { id: "1" }, states })?.name, "Анна");
  assert.equal(ownPerson(known, "menu", { user: { id: "2" }, states }), undefined);
  assert.equal(ownPerson(known, "other", { user: { id: "1" }, states }), undefined);
  assert.equal(ownPerson(known, "menu", { user: null, states }), undefined);
});

for (const [name, person_id, data] of [
  ["of a person", "person Анна", { alert_id: "alert 2", person_id: "person Анна" }],
  ["of whoever is signed in", null, { alert_id: "alert 2" }],
]) {
  test(`it is taken in the name ${name}`, async () => {
    const sent = [];
    const hass = { connection: { sendMessagePromise: async (message) => sent.push(message) } };
    await send(hass, { alert: alert("2", 60) }, person_id);
    assert.deepEqual(sent[0].service_data, data);
  });
}
