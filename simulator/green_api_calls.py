"""Calls of GREEN-API: their paths, their methods, and how many of each a second bears."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from aiohttp import web
import orjson

from .service import Answer

PATH: Final = re.compile(r"(/v3)?/waInstance([^/]*)/([^/]*)/([^/]*)(?:/([^/]*))?")
# Requests a second, by the vendor's page "Rate limiter"; of any other call as many as one likes.
RATES: Final = {
    "receiveNotification": 100,
    "deleteNotification": 100,
    "sendMessage": 50,
    "sendFileByUrl": 50,
    "checkWhatsapp": 10,
    "checkAccount": 10,
    "qr": 3,
    "getStateInstance": 1,
    "getSettings": 1,
    "setSettings": 1,
    "getWaSettings": 1,
    "getAccountSettings": 1,
    "lastIncomingMessages": 1,
    "lastOutgoingMessages": 1,
    "getWebhooksCount": 1,
}


@dataclass(frozen=True, slots=True)
class Path:
    """Where a call of the API goes."""

    prefix: str
    instance_id: str
    name: str
    token: str
    argument: str | None

    @classmethod
    def of(cls, request: web.BaseRequest) -> Path | None:
        """Return that of a request, None for no call of the API."""
        found = PATH.fullmatch(request.path)
        if found is None:
            return None
        return cls(found[1] or "", found[2], found[3], found[4], found[5])


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API, by whoever may."""

    request: web.BaseRequest
    argument: str | None = None
    """What stands in the path behind the token."""

    async def read(self) -> dict[str, Any] | None:
        """Return the JSON object of a request, None for anything else."""
        try:
            value = orjson.loads(await self.request.read())
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Method:
    """What a call of one name is answered with."""

    verb: str
    answer: Callable[[Call], Awaitable[Answer]]


type Methods = Mapping[str, Method]


class Rates:
    """How often each call was made in the last second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Count by a clock."""
        self._clock = clock
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def bears(self, name: str) -> bool:
        """Note a call, and return whether it is not one too many."""
        if (rate := RATES.get(name)) is None:
            return True
        now, times = self._clock(), self._times[name]
        while times and now - times[0] >= 1:
            times.popleft()
        if len(times) >= rate:
            return False
        times.append(now)
        return True


def poll_seconds(text: str) -> float:
    """Return how long a poll waits that asks for so many seconds. Raises ValueError for no number."""
    return float(min(max(int(text), 5), 60))


def call_name(path: str) -> str:
    """Return a path without the instance and its token."""
    found = PATH.fullmatch(path)
    return path if found is None else " ".join(filter(None, (found[3], found[5])))


def bad_request(text: str) -> Answer:
    """Return a refusal in the service's words."""
    return Answer.json({"message": f"bad request data: {text}"}, 400)
