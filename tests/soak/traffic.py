"""A restaurant's traffic in the services' own words: a random one, the same for a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
import random
import secrets
from typing import Any, Final, Literal

from simulator.green_api_notifications import Writer, text_data

TABLES: Final = 300
FIRST_TABLE: Final = 2_000_001
EXTENSIONS: Final = tuple(str(number) for number in range(101, 111))
REGULARS: Final = tuple(f"+7982555{number:04}" for number in range(40))

type ServiceName = Literal["qr_menu", "pbx", "green_api"]
SERVICES: Final[tuple[ServiceName, ...]] = ("qr_menu", "pbx", "green_api")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a service has to publish: its own object, and the ledger's mark."""

    service: ServiceName
    mark: str
    content: Any


class Traffic:
    """Guests at tables, on the phone and in chats."""

    def __init__(self, seed: int) -> None:
        """Begin a day."""
        self.random = random.Random(seed)
        self._writer = Writer("1101000001", "79001234567")
        self._last_call = 0
        self._last_message = 0

    def some(
        self, count: int, services: tuple[ServiceName, ...] = SERVICES
    ) -> list[Happening]:
        """Return at least so many happenings: a call is several."""
        weights = [{"qr_menu": 5, "pbx": 2, "green_api": 3}[name] for name in services]
        found: list[Happening] = []
        while len(found) < count:
            (service,) = self.random.choices(services, weights)
            match service:
                case "qr_menu":
                    found += self._table()
                case "pbx":
                    found += self._phone()
                case _:
                    found += self._chat()
        return found

    def _table(self) -> Iterator[Happening]:
        number = self.random.randrange(TABLES)
        code = self.random.choice(
            ("waiter_call", "waiter_call", "add_dishes", "online_payment")
        )
        total = self.random.randrange(300, 9000)
        mark = f"0x{secrets.token_hex(8)}"
        dish = {
            "name": "Борщ",
            "price": 420.0,
            "count": 1.0,
            "sum": 420.0,
            "modifiers": [],
        }
        order = {"guid": mark, "sum": total, "waiter": {"id": 9002, "name": "Анна"}}
        yield Happening(
            "qr_menu",
            mark,
            {
                "hash": mark,
                "code": code,
                "table": FIRST_TABLE + number,
                "invoice": (
                    {"amount_due": total, "session": {"dishes": [dish]}}
                    if code == "add_dishes"
                    else None
                ),
                "order": None if code == "waiter_call" else order,
                "table_repr": {"id": FIRST_TABLE + number, "name": f"T{number}"},
            },
        )

    def _phone(self) -> Iterator[Happening]:
        if self.random.random() < 0.15:
            text = f"№ {secrets.token_hex(6)}"
            yield _pbx(
                "incoming_sms", text, sms_src=self._caller(), text=text, trunk="GSM1"
            )
            return
        self._last_call += 1
        call = str(self._last_call)
        extension = self.random.choice(EXTENSIONS)
        yield _pbx(
            *("incoming_call", call),
            call_id=call,
            call_src=self._caller(),
            call_dst=extension,
            trunk="GSM1",
        )
        if self.random.random() < 0.7:
            yield _pbx("call_end", call, call_id=call, duration=0, status="no_answer")
            return
        yield _pbx("start_talk", call, call_id=call)
        yield _pbx("call_end", call, call_id=call, duration=31, status="success")

    def _chat(self) -> Iterator[Happening]:
        chat = f"{self._caller().removeprefix('+')}@c.us"
        self._last_message += 1
        id_ = secrets.token_hex(16).upper()
        if self.random.random() < 0.25:
            body = self._writer.message_of_ours(chat, id_, text_data("Да"), api=False)
        else:
            body = self._writer.message(chat, "Guest", text_data("Есть столик?"))
            body["idMessage"] = id_
        yield Happening("green_api", f"{body['typeWebhook']} {id_}", body)

    def _caller(self) -> str:
        """Return a regular's number, or one that never called before."""
        if self.random.random() < 0.2:
            return self.random.choice(REGULARS)
        return f"+79{self.random.randrange(10**9):09}"


def _pbx(event_type: str, what: str, **payload: Any) -> Happening:
    return Happening(
        "pbx",
        f"{event_type} {what}",
        {"event_type": event_type, "payload": payload},
    )
