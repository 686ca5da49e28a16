"""The QR menu of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final, override

from .account import say
from .errors import DemoError
from .phone import COMING
from .service import Alert, Change, Service, unknown_step
from .stream import Stream
from .team import GULNARA, MEMBERS, Member, Team

TABLE: Final = "6"
# Where the bill is asked for, by a code of the menu's own.
BILL_TABLE: Final = "3"
NEEDS_BILL: Final = "need_bill"
TERRACE_TABLE: Final = "Терраса 1"
# What the guests at the first table pay before the rest; every order is larger.
PART: Final = 100
LAMP: Final = "light.table_6_lamp"
HALL_LAMP: Final = "light.hall_lamp"
SPEAKER: Final = "media_player.speaker"
SPOKEN: Final = "input_text.spoken"
# How to know what becomes of the call.
CALL: Final = {"kind": "waiter_call", "title": TABLE}
# Both: a ticked item is not listed without.
ITEMS: Final = ("needs_action", "completed")


class QrMenu(Service):
    """The QR menu, with a certificate that nobody knows."""

    source: ClassVar[str] = "qr_menu"
    name = "QR menu"
    steps: ClassVar[str] = "form, certificate, entry"

    # Who is sent to the tables, once it is set up.
    team: Team

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
        """Seat guests at three tables and let them order."""
        for table in (BILL_TABLE, TABLE, TERRACE_TABLE):
            await self._post(f"/qr-menu/tables/{table}/dishes")

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Order at table 6, call its waiter, who comes late, pay; then ask for a bill."""
        async for alert in self._order(stream):
            yield alert
        async for alert in self._call(stream):
            yield alert
        async for alert in self._payment():
            yield alert
        async for alert in self._bill(stream):
            yield alert

    async def _order(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Let the guests at table 6 order, and somebody serve them, by the till."""
        sent = await self._post(f"/qr-menu/tables/{TABLE}/dishes")
        waiter = sent["order"]["waiter"]
        yield Alert(
            text=f"Table {TABLE} orders; by the till its waiter is {waiter['name']}",
            event={**_event("dishes_added", sent), "waiter": waiter["name"]},
        )
        if waiter["id"] != self._waiter.waiter:
            raise DemoError(f"Table {TABLE} has another waiter: {waiter}.")
        # Two waiters have this zone, one of whom serves the table.
        await self.team.sort(stream, self.entry_id)

    @property
    def _waiter(self) -> Member:
        """Return who serves table 6."""
        return next(one for one in MEMBERS if one.waiter == GULNARA)

    async def _call(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Call the waiter to table 6, who comes late."""
        key = self._waiter.key
        waiter, notification = self._words[key], self.team.notifications[key]
        sent = await self._post(f"/qr-menu/tables/{TABLE}/call")
        text = self._words["call_text"].format(table=TABLE)
        yield Alert(
            text=f"Waiter call at table {TABLE}",
            event=_event("waiter_call", sent),
            transitions=({**CALL, "action": "opened"},),
            dispatch=({**CALL, "action": "sent", "person": waiter},),
            changes=(
                Change(HALL_LAMP, ("on",), outcome="light"),
                Change(LAMP, ("on",), outcome="light"),
                Change(notification, (self._words["push_text"],), outcome="push"),
                Change(SPEAKER, ("playing",), outcome="announcement"),
                Change(SPOKEN, (text,), outcome="announcement"),
            ),
        )
        yield Alert(text="Nobody comes", transitions=({**CALL, "action": "overdue"},))
        alert = await self._waiting(stream, "waiter_call")
        self._check_phones(key)
        await self.team.phones[key].tap(COMING)
        yield Alert(
            text=f"{waiter} comes, by the push's answer",
            transitions=({**CALL, "action": "acknowledged", "by": waiter},),
            dispatch=({**CALL, "action": "answered", "person": waiter},),
            changes=(
                Change(HALL_LAMP, ("off",), outcome="light"),
                Change(notification, ("unknown",), outcome="push"),
            ),
        )
        await self._check(stream, alert["alert_id"])

    async def _payment(self) -> AsyncGenerator[Alert]:
        """Let the guests at table 6 pay, a part and then the rest."""
        paid = self.entities["payments_today"]
        sent = await self._post(f"/qr-menu/tables/{TABLE}/pay", {"amount": PART})
        yield Alert(
            text=f"Table {TABLE} pays a part, so its call stays",
            event={**_event("online_payment", sent), "paid": PART},
            # Sensors change before the bus event.
            changes=(Change(paid, (f"{PART:.1f}",), may_be_so=True),),
        )
        sent = await self._post(f"/qr-menu/tables/{TABLE}/pay")
        yield Alert(
            text=f"Table {TABLE} pays the rest",
            event=_event("online_payment", sent),
            transitions=(
                {**CALL, "action": "closed", "reason": "paid", "outcome": "served"},
            ),
            changes=(Change(LAMP, ("off",)),),
        )

    async def _bill(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Let the guests at table 3 ask for the bill, and somebody say that it is done."""
        found = {one["name"]: one["id"] for one in (await self._state())["tables"]}
        table = {"id": found[BILL_TABLE], "name": BILL_TABLE}
        content = {"code": NEEDS_BILL, "table": table["id"], "table_repr": table}
        sent = await self._post("/qr-menu/events", content)
        bill = {"kind": "bill_request", "title": BILL_TABLE}
        yield Alert(
            text=f"Table {BILL_TABLE} asks for the bill, by the code {NEEDS_BILL}",
            event=_event("bill_request", sent),
            transitions=({**bill, "action": "opened"},),
            changes=(Change(HALL_LAMP, ("on",), outcome="light"),),
        )
        alert = await self._waiting(stream, "bill_request")
        await stream.act("carbis_alerts.close", alert_id=alert["alert_id"])
        yield Alert(
            text="It is brought: done",
            transitions=(
                {**bill, "action": "closed", "reason": "done", "outcome": "served"},
            ),
            changes=(Change(HALL_LAMP, ("off",), outcome="light"),),
        )

    def _check_phones(self, waiter: str) -> None:
        """Look whether the table's own waiter was asked, and nobody else."""
        for key, phone in self.team.phones.items():
            if (phone.received > 0) != (key == waiter):
                raise DemoError(
                    f"{phone.name} was sent {phone.received} notifications."
                )
            if key != waiter:
                say(f"{'':10}  {phone.name}: nothing")

    async def _waiting(self, stream: Stream, kind: str) -> dict[str, Any]:
        """Return the one alert of a kind that is open."""
        answer = await stream.ask("carbis_alerts.get_alerts", kind=kind)
        alerts: list[dict[str, Any]] = answer["alerts"]
        if [alert["state"] for alert in alerts] != ["open"]:
            raise DemoError(f"Not one {kind} is open, but {alerts}.")
        return alerts[0]

    async def _check(self, stream: Stream, alert_id: str) -> None:
        """Look whether the to-do item is ticked and the wait is counted.

        How fast the answer was is said with who was forgotten, and who waits since when.
        """
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
        for key in ("forgotten_today", "waiting_since"):
            entity_id = self.entities[key]
            say(f"{'':10}  {entity_id}: {await stream.state(entity_id)}")
        for entity_id, figure in await self.team.figures(stream):
            say(f"{'':10}  {entity_id}: {figure}")


def _event(event_type: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return how to know the bus event of what the simulator was asked for."""
    return {"source": "qr_menu", "type": event_type, "event_id": sent["hash"]}
