// The connection to Home Assistant: the snapshot, kept up to date, over every outage.
import { blank, take } from "./snapshot.js";

/** How long to wait, in milliseconds, where the integration does not answer yet. */
const PAUSE = 3000;

export class Subscription {
  snapshot = blank();
  /** connecting, live, lost (no Home Assistant), missing (no integration) or refused (no right). */
  status = "connecting";
  /** When the snapshot was last true, by this device's clock. */
  knownAt = null;
  assetVersion = null;
  #connection;
  #changed;
  #unsubscribe = null;
  #timer = null;
  #turn = 0;

  /** Call back with the alerts that begin to wait, and after any other change. */
  constructor(connection, changed) {
    this.#connection = connection;
    this.#changed = changed;
  }

  get now() { return Date.now() + this.snapshot.ahead; }

  start() {
    this.#connection.addEventListener("ready", this.#begin);
    this.#connection.addEventListener("disconnected", this.#lose);
    this.#begin();
  }

  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#connection.removeEventListener("ready", this.#begin);
    this.#connection.removeEventListener("disconnected", this.#lose);
    // Without a connection there is no subscription to end any more.
    if (this.#connection.connected) this.#unsubscribe?.().catch(() => {});
  }

  // The connection's own way to subscribe again gives up at the first refusal, and a
  // Home Assistant that starts refuses until the integration is there.
  #begin = async () => {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    try {
      const unsubscribe = await this.#connection.subscribeMessage(
        (message) => turn === this.#turn && this.#take(message),
        { type: "carbis_alerts/subscribe" },
        { resubscribe: false },
      );
      if (turn === this.#turn) this.#unsubscribe = unsubscribe;
      else if (this.#connection.connected) unsubscribe().catch(() => {});
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#timer = setTimeout(this.#begin, PAUSE);
      const isRefused = error?.code === "unauthorized";
      if (this.status !== "lost") this.#become(isRefused ? "refused" : "missing");
    }
  };

  #lose = () => {
    this.#unsubscribe = null;
    if (this.status === "live") this.knownAt = Date.now();
    this.#become("lost");
  };

  #take(message) {
    this.assetVersion = message.edition;
    this.status = "live";
    this.#changed(take(this.snapshot, message, Date.now()));
  }

  #become(status) {
    if (status === this.status) return;
    this.status = status;
    this.#changed([]);
  }
}
