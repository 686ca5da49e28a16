import assert from "node:assert/strict";
import { test } from "node:test";
import { Subscription } from "../../../custom_components/carbis_alerts/board/www/subscription.js";
import { entry, message } from "./samples.js";

class Connection extends EventTarget {
  connected = true;
  refusals = 0;
  refusal = "unknown_command";
  asked = [];
  ended = 0;

  async subscribeMessage(receive, question, options) {
    this.asked.push({ receive, question, options });
    if (this.asked.length <= this.refusals) throw { code: this.refusal };
    return async () => { this.ended += 1; };
  }
  lose() {
    this.connected = false;
    this.dispatchEvent(new Event("disconnected"));
  }
  return() {
    this.connected = true;
    this.dispatchEvent(new Event("ready"));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function follow(connection) {
  const statuses = [];
  const subscription = new Subscription(connection, () => statuses.push(subscription.status));
  subscription.start();
  return { subscription, statuses };
}

test("it asks once, and takes what comes", async () => {
  const connection = new Connection();
  const { subscription, statuses } = follow(connection);
  const [{ receive, question, options }] = connection.asked;
  assert.deepEqual(question, { type: "carbis_alerts/subscribe" });
  assert.deepEqual(options, { resubscribe: false });
  receive(message({ entries: [entry()] }));
  assert.deepEqual(statuses, ["live"]);
  assert.equal(subscription.snapshot.entries.size, 1);
  await settled();
  subscription.stop();
  assert.equal(connection.ended, 1);
});

test("a connection that is lost and back is asked again; the old answer is not heard", async () => {
  const connection = new Connection();
  const { subscription, statuses } = follow(connection);
  connection.asked[0].receive(message({ entries: [entry()] }));
  await settled();
  connection.lose();
  assert.deepEqual(statuses, ["live", "lost"]);
  assert.ok(subscription.knownAt);
  connection.return();
  connection.asked[0].receive(message());
  assert.equal(subscription.snapshot.entries.size, 1);
  connection.asked[1].receive(message());
  assert.equal(subscription.snapshot.entries.size, 0);
  assert.equal(subscription.status, "live");
  subscription.stop();
});

test("a Home Assistant that starts refuses at first, and is asked until it answers", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const connection = new Connection();
  connection.refusals = 2;
  const { subscription, statuses } = follow(connection);
  for (const asked of [2, 3]) {
    await settled();
    context.mock.timers.tick(3000);
    assert.equal(connection.asked.length, asked);
  }
  assert.deepEqual(statuses, ["missing"]);
  connection.asked[2].receive(message());
  assert.equal(subscription.status, "live");
  subscription.stop();
});

test("whoever has no right is told so, and asked for it again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const connection = new Connection();
  connection.refusals = 1;
  connection.refusal = "unauthorized";
  const { subscription, statuses } = follow(connection);
  await settled();
  assert.deepEqual(statuses, ["refused"]);
  context.mock.timers.tick(3000);
  assert.equal(connection.asked.length, 2);
  subscription.stop();
});

test("what is stopped asks and hears nothing more", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const connection = new Connection();
  connection.refusals = 1;
  const { subscription, statuses } = follow(connection);
  await settled();
  subscription.stop();
  connection.return();
  context.mock.timers.tick(60000);
  assert.equal(connection.asked.length, 1);
  assert.deepEqual(statuses, ["missing"]);
});
