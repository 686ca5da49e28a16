import assert from "node:assert/strict";
import { test } from "node:test";
import { peopleView } from "../../../custom_components/carbis_alerts/board/www/people.js";
import { wordsIn } from "./samples.js";

const device = (id, more) => [id, { id, name: id, model_id: null, via_device_id: null, ...more }];
const entity = (device_id, translation_key, more) => {
  const entity_id = `sensor.${device_id}_${translation_key}`;
  return [entity_id, { entity_id, device_id, translation_key, platform: "carbis_alerts", ...more }];
};
const SITE = {
  devices: Object.fromEntries([
    device("team"),
    device("Вера", { model_id: "person", via_device_id: "team", name_by_user: "Анна" }),
    device("Борис", { model_id: "person", via_device_id: "team" }),
    device("table"),
    device("other's", { model_id: "person" }),
  ]),
  entities: Object.fromEntries([
    entity("table", "bill"),
    entity("team", "answer_time"),
    entity("team", "on_shift"),
    entity("Вера", "answer_time"),
    entity("Вера", "on_shift"),
    entity("Вера", "reachable", { hidden: true }),
    entity("Борис", "open_alerts"),
    entity("Борис", "a_later_one"),
    entity("other's", "on_shift", { platform: "other" }),
  ]),
};

test("a team and its people have a section each, by name, and what is shown of them in order", () => {
  const { sections, title, type } = peopleView(SITE, "ru", wordsIn("ru"));
  assert.deepEqual([title, type], ["Люди", "sections"]);
  const shown = sections.map(({ cards: [{ heading }, ...tiles] }) => [heading, ...tiles.map(({ entity: id }) => id)]);
  assert.deepEqual(shown, [
    ["team", "sensor.team_on_shift", "sensor.team_answer_time"],
    ["Анна", "sensor.Вера_on_shift", "sensor.Вера_answer_time"],
    ["Борис", "sensor.Борис_open_alerts"],
  ]);
});

test("without people there is no such page", () => {
  assert.equal(peopleView({ devices: {}, entities: {} }, "en", wordsIn("en")), null);
  const { team, table } = SITE.devices;
  assert.equal(peopleView({ ...SITE, devices: { team, table } }, "en", wordsIn("en")), null);
});
