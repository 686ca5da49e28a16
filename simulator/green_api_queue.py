"""The queue of a GREEN-API instance: each notification comes until its receipt is deleted."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any, Literal

from .certificate import Certificate
from .green_api_calls import Call, Method, Methods, bad_request, poll_seconds
from .service import JSON_TYPE, PATIENCE, Answer, Service

type EmptyAnswer = Literal["null", "nothing"]
type Overlap = Literal["allow", "refuse"]

RETENTION = 24 * 60 * 60.0
FIRST_RECEIPT = 488645


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    receipt: str | None
    document: Any
    item: int = 0
    """Its number in the record."""


class QueueService(Service):
    """A service with a queue for one reader."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; notifications are kept for a day by the clock."""
        super().__init__(host=host, port=port, certificate=certificate, clock=clock)
        self.poll_time: float | None = None
        """How many seconds a long poll lasts; None: what the client asks for, from 5 to 60."""
        self.empty_answer: EmptyAnswer = "null"
        self.overlap: Overlap = "allow"
        """What a second reader at the same time gets."""
        self.readers = 0
        """How many long polls wait."""
        self.most_readers = 0
        self._queue: deque[_Entry] = deque()
        self._receipt = FIRST_RECEIPT
        self._endings = 0
        self._drops = 0

    @property
    def queue_methods(self) -> Methods:
        """Return the calls of the API that are about the queue."""
        return {
            "receiveNotification": Method("GET", self._receive),
            "deleteNotification": Method("DELETE", self._answer_delete),
        }

    @property
    def queue(self) -> list[Any]:
        """Return what waits, the oldest first, as it would be received."""
        return [document for _, document in self.queue_with_ages]

    @property
    def queue_with_ages(self) -> list[tuple[float, Any]]:
        """Return what waits, each after its age in seconds."""
        self._expire()
        now = self.clock()
        return [(now - entry.at, entry.document) for entry in self._queue]

    async def wait_for_readers(self, count: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until exactly so many long polls wait. Raises TimeoutError."""
        await self.wait_until(lambda: self.readers == count, timeout)

    async def wait_until_empty(self, timeout: float = PATIENCE) -> None:
        """Wait until everything was deleted. Raises TimeoutError."""
        await self.wait_until(lambda: not self._queue, timeout)

    def push(self, body: Any, *, receipt: Any = "next") -> Any:
        """Queue any JSON value as a notification and return what will be received.

        The receipt may be anything; with None there is none.
        """
        document: dict[str, Any] = {"body": body}
        if receipt == "next":
            self._receipt += 1
            receipt = self._receipt
        if receipt is not None:
            document = {"receiptId": receipt, **document}
        return self.push_raw(document)

    def push_raw(self, document: Any, *, receipt: Any = None) -> Any:
        """Queue any JSON value, or bytes instead of one, to be received as it is.

        The receipt is the one that an object has, or the one that is said.
        """
        if receipt is None and isinstance(document, dict):
            receipt = document.get("receiptId")
        shown = "bytes" if isinstance(document, bytes) else document
        self._queue.append(
            _Entry(
                self.clock(),
                None if receipt is None else str(receipt),
                document,
                self.record.push(shown),
            )
        )
        self._report()
        return document

    def clear(self) -> None:
        """Empty the queue."""
        self.record.drop((entry.item for entry in self._queue), "cleared")
        self._queue.clear()
        self._report()

    def end_polls(self) -> None:
        """Answer all long polls that wait with nothing, as if their time were over."""
        self._endings += 1
        self._report()

    def drop_polls(self) -> None:
        """Close the connections of all long polls that wait, as a proxy does."""
        self._drops += 1
        self._report()

    async def restart(self, *, keep_queue: bool = True) -> None:
        """Come back on the same port, all connections dropped."""
        if not keep_queue:
            self.clear()
        self._restart(self.certificate)

    async def _receive(self, call: Call) -> Answer:
        try:
            seconds = poll_seconds(call.request.query.get("receiveTimeout", "5"))
        except ValueError:
            return bad_request("receiveTimeout must be a whole number")
        if self.overlap == "refuse" and self.readers:
            return Answer.json({"message": "receiveNotification calls overlap"}, 409)
        if self.poll_time is not None:
            seconds = self.poll_time
        endings, drops = self._endings, self._drops
        self.readers += 1
        self.most_readers = max(self.most_readers, self.readers)
        self._report()
        try:
            await self.wait_until(
                lambda: (
                    bool(self._queue)
                    or (endings, drops) != (self._endings, self._drops)
                ),
                seconds,
            )
        except TimeoutError:
            pass
        finally:
            self.readers -= 1
            self._report()
        if drops != self._drops:
            if call.request.transport is not None:
                call.request.transport.close()
            # The connection's end cancels the handler.
            await asyncio.Event().wait()
        self._expire()
        items = [self._queue[0].item] if self._queue else []
        if self._queue:
            document = self._queue[0].document
            if isinstance(document, bytes):
                return Answer(
                    body=document, headers={"Content-Type": JSON_TYPE}, items=items
                )
            return Answer.json(document, items=items)
        if self.empty_answer == "nothing":
            return Answer(headers={"Content-Type": JSON_TYPE}, items=items)
        return Answer.json(None, items=items)

    async def _answer_delete(self, call: Call) -> Answer:
        return Answer.json({"result": self._delete(call.argument)})

    def _delete(self, receipt: str | None) -> bool:
        self._expire()
        for entry in self._queue:
            if entry.receipt == receipt:
                self._queue.remove(entry)
                self.record.drop([entry.item], "deleted")
                self._report()
                return True
        return False

    def _expire(self) -> None:
        now = self.clock()
        while self._queue and now - self._queue[0].at > RETENTION:
            self.record.drop([self._queue.popleft().item], "expired")
