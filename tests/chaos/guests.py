"""What guests do, as each service words it; every object is distinguished by its key."""

from random import Random
from typing import Any, Final

from .ledger import Line

CODES: Final = ("waiter_call", "add_dishes", "online_payment", "table_closed")
PHONE: Final = 79820000000
SITE_PHONE: Final = "79001234567@c.us"
# The path below the control port by which each service gets an object as it is.
PATHS: Final = {
    Line.QR_MENU: "/qr-menu/events",
    Line.PBX: "/pbx/events",
    Line.HOOK: "/pbx/events",
    Line.GREEN_API: "/green-api/notifications",
}


class Guests:
    """One line's guests: the same for the same seed."""

    def __init__(self, seed: int, line: Line) -> None:
        """Begin with the first guest."""
        self._draw = Random(f"{seed} guests {line}")
        self._line = line
        self._count = 0
        # Calls in progress, with what comes next of each.
        self._calls: list[tuple[int, list[str]]] = []

    def next(self) -> dict[str, Any]:
        """Return what happens next."""
        self._count += 1
        match self._line:
            case Line.QR_MENU:
                return self._at_a_table()
            case Line.GREEN_API:
                return {"body": self._in_a_chat()}
            case _:
                return self._on_the_phone()

    def _at_a_table(self) -> dict[str, Any]:
        code = self._draw.choices(CODES, (5, 3, 2, 1))[0]
        table = self._draw.randint(1, 20)
        order = None
        if code in ("add_dishes", "online_payment"):
            order = {"guid": f"{{{self._count}}}", "sum": self._draw.randint(100, 9000)}
        return {
            "hash": f"0x{self._count:08x}",
            "code": code,
            "table": 1000000 + table,
            "table_repr": {"id": 1000000 + table, "name": str(table), "max_guests": 4},
            "invoice": {"session": {"dishes": [{"name": "Борщ", "count": 1}]}}
            if code == "add_dishes"
            else None,
            "order": order,
        }

    def _in_a_chat(self) -> dict[str, Any]:
        guest = f"{PHONE + self._draw.randint(1, 20)}@c.us"
        body: dict[str, Any] = {
            "typeWebhook": self._draw.choices(
                (
                    "incomingMessageReceived",
                    "outgoingMessageStatus",
                    "incomingCall",
                    "somethingNew",
                ),
                (6, 2, 1, 1),
            )[0],
            "instanceData": {"wid": SITE_PHONE},
            "timestamp": 1750000000 + self._count,
            "idMessage": f"{self._count:032X}",
        }
        match body["typeWebhook"]:
            case "incomingMessageReceived":
                body["senderData"] = {"chatId": guest, "sender": guest}
                body["messageData"] = {
                    "typeMessage": "textMessage",
                    "textMessageData": {"textMessage": f"№ {self._count}"},
                }
            case "outgoingMessageStatus":
                body |= {"chatId": guest, "status": "read"}
            case "incomingCall":
                body |= {"from": guest, "status": "offer"}
        return body

    def _on_the_phone(self) -> dict[str, Any]:
        if self._calls and self._draw.random() < 0.6:
            return self._of_a_call(self._draw.randrange(len(self._calls)))
        kind = self._draw.choices(
            ("incoming_call", "outgoing_call", "incoming_sms", "fax"), (5, 2, 3, 1)
        )[0]
        number = f"+{PHONE + self._count}"
        payload: dict[str, Any] = {"call_id": self._count}
        match kind:
            case "incoming_sms":
                payload = {"sms_src": number, "text": f"№ {self._count}"}
            case "incoming_call" | "outgoing_call":
                sides = (number, str(self._draw.randint(101, 110)))
                source, target = sides if kind == "incoming_call" else sides[::-1]
                payload |= {"call_src": source, "call_dst": target, "trunk": "GSM1"}
                rest = self._draw.choice(
                    (
                        ["call_end"],
                        ["start_talk", "call_end"],
                        ["answer_elsewhere", "start_talk", "call_end"],
                    )
                )
                self._calls.append((self._count, rest))
        return {"event_type": kind, "payload": payload}

    def _of_a_call(self, index: int) -> dict[str, Any]:
        call_id, rest = self._calls[index]
        kind = rest.pop(0)
        payload: dict[str, Any] = {"call_id": call_id}
        match kind:
            case "answer_elsewhere":
                payload["number"] = str(self._draw.randint(101, 110))
            case "call_end":
                del self._calls[index]
                status = self._draw.choice(("success", "no_answer", "busy"))
                payload |= {"record_id": call_id, "duration": 3, "status": status}
        return {"event_type": kind, "payload": payload}
