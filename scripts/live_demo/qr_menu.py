"""The QR menu of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final, override

from .account import say
from .errors import DemoError
from .phone import COMING, Phone
from .service import Alert, Change, Service, unknown_step
from .stream import Stream

TABLE: Final = "6"
LAMP: Final = "light.table_6_lamp"
HALL_LAMP: Final = "light.hall_lamp"
SPEAKER: Final = "media_player.speaker"
SPOKEN: Final = "input_text.spoken"
# Both: a ticked item is not listed without.
ITEMS: Final = ("needs_action", "completed")


class QrMenu(Service):
    """The QR menu, with a certificate that nobody knows."""

    source: ClassVar[str] = "qr_menu"
    name = "QR menu"
    steps: ClassVar[str] = "form, certificate, entry"

    # The waiter's, and its sensor that says what it shows, once it is registered.
    phone: Phone
    notification: str

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the QR menu, enter address and token, compare the fingerprint."""
        match step:
            case "user":
                return {"next_step_id": "qr_menu"}
            case "qr_menu":
                return {
                    "url": self._simulator["qr_menu_url"],
                    "token": self._simulator["qr_menu_token"],
                }
            case "certificate":
                own = bytes.fromhex(self._simulator["qr_menu_fingerprint"])
                return {
                    "trust": bytes.fromhex(shown["fingerprint"].replace(":", "")) == own
                }
        raise unknown_step(step)

    @override
    async def open(self) -> None:
        """Seat guests at two tables and let them order."""
        for table in ("3", "6"):
            await self._post(f"/qr-menu/tables/{table}/dishes")

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Call the waiter to table 6, who comes late; then let the guest pay."""
        sent = await self._post(f"/qr-menu/tables/{TABLE}/call")
        call = {"kind": "waiter_call", "title": TABLE}
        text = self._words["call_text"].format(table=TABLE)
        yield Alert(
            text=f"Waiter call at table {TABLE}",
            event={
                "source": "qr_menu",
                "type": "waiter_call",
                "event_id": sent["hash"],
            },
            transitions=({**call, "action": "opened"},),
            changes=(
                Change(HALL_LAMP, ("on",), outcome="light"),
                Change(LAMP, ("on",), outcome="light"),
                Change(self.notification, (text,), outcome="push"),
                Change(SPEAKER, ("playing",), outcome="announcement"),
                Change(SPOKEN, (text,), outcome="announcement"),
            ),
        )
        yield Alert(text="Nobody comes", transitions=({**call, "action": "overdue"},))
        waiter = self._words["waiter"]
        alert = await self._waiting(stream)
        await self.phone.tap(COMING)
        yield Alert(
            text=f"{waiter} comes, by the push's answer",
            transitions=({**call, "action": "acknowledged", "by": waiter},),
            changes=(
                Change(HALL_LAMP, ("off",), outcome="light"),
                Change(self.notification, ("unknown",), outcome="push"),
            ),
        )
        await self._check(stream, alert["alert_id"])
        sent = await self._post(f"/qr-menu/tables/{TABLE}/pay")
        yield Alert(
            text=f"Table {TABLE} pays online",
            event={
                "source": "qr_menu",
                "type": "online_payment",
                "event_id": sent["hash"],
            },
            transitions=({**call, "action": "closed", "reason": "paid"},),
            changes=(Change(LAMP, ("off",)),),
        )

    async def _waiting(self, stream: Stream) -> dict[str, Any]:
        """Return the one alert that is open."""
        answer = await stream.ask("carbis_alerts.get_alerts", kind="waiter_call")
        alerts: list[dict[str, Any]] = answer["alerts"]
        if [alert["state"] for alert in alerts] != ["open"]:
            raise DemoError(f"Not one call is open, but {alerts}.")
        return alerts[0]

    async def _check(self, stream: Stream, alert_id: str) -> None:
        """Look whether the to-do item is ticked and the wait is counted."""
        entity_id = self.entities["alerts"]
        answer = await stream.ask("todo.get_items", entity_id=[entity_id], status=ITEMS)
        items = {item["uid"]: item for item in answer[entity_id]["items"]}
        item = items.get(alert_id, {})
        if item.get("status") != "completed":
            raise DemoError(f"The to-do item is not ticked: {item or items}.")
        say(f"{'':10}  {entity_id}: ☑ {item['summary']}, {item['description']}")
        wait = await stream.state(self.entities["answer_time"])
        try:
            seconds = float(wait or "")
        except ValueError as error:
            raise DemoError(f"The answer time is {wait}.") from error
        say(f"{'':10}  {self.entities['answer_time']}: {seconds:.1f} s")
