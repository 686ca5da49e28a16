"""The QR menu: a queue of events that clients poll with a cursor."""

from collections import deque
from collections.abc import Callable, Sequence
import secrets
import time
from typing import Any, ClassVar, Literal, override

from aiohttp import web

from . import qr_menu_events as events
from .certificate import Certificate
from .restaurant import Restaurant
from .service import Answer, Service

type AuthFailure = Literal[401, 403, "result_false"]
type UnknownCursor = Literal["all", "nothing", "error"]

PATH = "/api/v4/events"
RETENTION = 300.0
NO_CURSOR = "none"


class QrMenuService(Service):
    """The QR menu of a restaurant."""

    name: ClassVar[str] = "qr_menu"

    def __init__(
        self,
        *,
        token: str = "secret",
        retention: float = RETENTION,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
        restaurant: Restaurant | None = None,
    ) -> None:
        """Prepare; events are kept for retention seconds by the clock."""
        super().__init__(host=host, port=port, certificate=certificate, clock=clock)
        self.token = token
        self.retention = retention
        self.auth_failure: AuthFailure = 401
        self.unknown_cursor: UnknownCursor = "all"
        self.restaurant = restaurant or Restaurant()
        # When it came, its number in the record, and what it is.
        self._queue: deque[tuple[float, int, Any]] = deque()

    @property
    def queue(self) -> list[Any]:
        """Return the events that are kept, the oldest first."""
        return [event for _, event in self.queue_with_ages]

    @property
    def queue_with_ages(self) -> list[tuple[float, Any]]:
        """Return the events that are kept, each after its age in seconds."""
        self._expire()
        now = self.clock()
        return [(now - at, event) for at, _, event in self._queue]

    def push(self, event: Any, *, add_hash: bool = True) -> Any:
        """Queue any JSON value and return it; an object without a hash gets one."""
        if add_hash and isinstance(event, dict) and "hash" not in event:
            event = {"hash": f"0x{secrets.randbits(32):08x}", **event}
        self._queue.append((self.clock(), self.record.push(event), event))
        return event

    def waiter_call(self, table: str | int) -> dict[str, Any]:
        """Let the guests of a table call the waiter. Raises LookupError for an unknown table."""
        return self._push(events.waiter_call(self.restaurant.table(table)))

    def add_dishes(
        self, table: str | int, dishes: Sequence[object] | None = None
    ) -> dict[str, Any]:
        """Let the guests of a table add dishes, any off the menu unless some are given.

        A dish is a name or an object with name, price and count. Raises LookupError for an unknown table,
        ValueError for what is no dish.
        """
        lines = None if dishes is None else events.read_lines(dishes)
        return self._push(events.add_dishes(*self.restaurant.order(table, lines)))

    def pay(self, table: str | int, amount: float | None = None) -> dict[str, Any]:
        """Let the guests of a table pay online, all or an amount. Raises LookupError for an unknown table."""
        return self._push(events.online_payment(self.restaurant.pay(table, amount)))

    def clear(self) -> None:
        """Empty the queue."""
        self.record.drop((item for _, item, _ in self._queue), "cleared")
        self._queue.clear()

    def forget(self, hash_: str) -> None:
        """Drop an event, and the cursor that it is."""
        kept = [entry for entry in self._queue if _hash(entry[2]) != hash_]
        self.record.drop(
            (entry[1] for entry in self._queue if entry not in kept), "forgotten"
        )
        self._queue = deque(kept)

    async def restart(self, *, keep_queue: bool = False) -> None:
        """Come back on the same port, all connections dropped."""
        if not keep_queue:
            self.clear()
        self._restart(self.certificate)

    @override
    def token_ok(self, request: web.BaseRequest) -> bool:
        """Return whether a request carries the secret key."""
        return request.headers.get("token") == self.token

    @override
    def cursor(self, request: web.BaseRequest) -> str | None:
        """Return the hash that a request asks from."""
        return request.query.get("hash")

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer with the events after the cursor."""
        if request.path != PATH:
            return Answer.text(404)
        if request.method != "GET":
            return Answer.text(405)
        if not token_ok:
            refusal = {"result": False, "message": "Неверный токен"}
            return Answer.json(
                refusal,
                200 if self.auth_failure == "result_false" else self.auth_failure,
            )
        self._expire()
        queue, cursor = list(self._queue), self.cursor(request)
        if cursor is not None and cursor != NO_CURSOR:
            known = [
                index for index, entry in enumerate(queue) if _hash(entry[2]) == cursor
            ]
            if known:
                queue = queue[known[-1] + 1 :]
            elif self.unknown_cursor == "error":
                return Answer.json({"result": False, "message": "Событие не найдено"})
            elif self.unknown_cursor == "nothing":
                queue = []
        updates = [event for _, _, event in queue]
        return Answer.json(
            {"result": True, "data": {"updates": updates}},
            items=[item for _, item, _ in queue],
        )

    def _expire(self) -> None:
        while (
            self._queue
            and (over := self.clock() - self._queue[0][0] - self.retention) > 0
        ):
            _, item, _ = self._queue.popleft()
            self.record.drop([item], "expired", time.monotonic() - over)

    def _push(self, event: dict[str, Any]) -> dict[str, Any]:
        pushed: dict[str, Any] = self.push(event)
        return pushed


def _hash(event: object) -> object:
    return event.get("hash") if isinstance(event, dict) else None
