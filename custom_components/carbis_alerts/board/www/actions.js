// What a touch does in Home Assistant, and why it did not.
import { fill } from "./words.js";

/** Minutes. */
export const SNOOZED_FOR = 10;

// The promise of the connection fails where hass.callService only shows a toast.
const act = ({ connection }, action, service_data) => {
  const [domain, service] = action.split(".");
  return connection.sendMessagePromise({ type: "call_service", domain, service, service_data });
};

/** Take it, in the name of a person where one is named. */
export const take = (hass, { alert }, person) =>
  act(hass, "carbis_alerts.acknowledge", { alert_id: alert.alert_id, ...(person && { person_id: person }) });

export const reopen = (hass, { alert }) =>
  act(hass, "carbis_alerts.reopen", { alert_id: alert.alert_id });

export const close = (hass, { alert }) =>
  act(hass, "carbis_alerts.close", { alert_id: alert.alert_id });

export const snooze = (hass, { alert }) =>
  act(hass, "carbis_alerts.snooze", { alert_id: alert.alert_id, minutes: SNOOZED_FOR });

export const answer = (hass, { entryId, chatId }, message) =>
  act(hass, "carbis_alerts.send_message", { entry_id: entryId, chat_id: chatId, message });

/** Return in words why something was not done. */
export async function reason(hass, error, words) {
  if (error.message === "Unauthorized") return words.noRight;
  // The library's own numbers: it could not be sent, or the connection ended meanwhile.
  if (typeof (error.code ?? error) === "number") return words.notConnected;
  const { translation_domain: domain, translation_key: key, translation_placeholders: values } = error;
  const localize = key && (await hass.loadBackendTranslation("exceptions", domain));
  const localized = localize?.(`component.${domain}.exceptions.${key}.message`, values);
  return fill(words.failed, { reason: localized || error.message || String(error) });
}
