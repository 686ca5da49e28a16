"""The auto-call of a PBX: it phones somebody, speaks a scenario of its own, hears keys.

Facts of the vendor's help of 2026: the device answers at port 9000, and only with its USB
key-token; the cloud has none of it. ``POST /auto_call/start`` takes a scenario that was
drawn in the PBX's own pages, and numbers; one runs at a time. What a scenario hears it
puts into ``result#1`` to ``result#3``. How answers are nested is not described, so words
and numbers are looked for wherever they stand.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import json
from typing import Final

import aiohttp
from yarl import URL

from ..errors import ProtocolError, RequestRefused, ServiceError
from ..fields import as_id
from ..transport import DEFAULT_LIMITS, Limits, Transport
from ..types import Json

START_PATH: Final = "/auto_call/start"
STATUS_PATH: Final = "/auto_call/status"
RESULT_PATH: Final = "/auto_call/result"
DEVICE_PORT: Final = 9000
RESULT_FIELDS: Final = ("result#1", "result#2", "result#3")

DIALING: Final = "dialing"
# Somebody took the call; whether a key was pressed is in the scenario's own fields.
ANSWERED: Final = frozenset(("ok", "talk", "talk_ok", "talk_unsuccess"))
# The line did not get as far as a telephone.
NO_LINE: Final = frozenset(("no_route", "line_busy", "line_fail", "error"))
# A telephone rang, or could not.
UNANSWERED: Final = frozenset(("fail", "busy", "timeout", "unavailable", "break"))
OUTCOMES: Final = ANSWERED | NO_LINE | UNANSWERED
# States of a task in which nobody is phoned any more.
OVER: Final = frozenset(("none", "finish", "stop"))
# Digits by which two spellings of a number are the same.
DIGITS: Final = 10


class AlreadyRunning(ServiceError):
    """The PBX phones somebody already: wait until that is over."""


class NoScenario(ServiceError):
    """The PBX has no scenario of this name: draw it there, or enter its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallState:
    """How a call goes: its end, if it has one, and what the scenario heard by field."""

    is_over: bool = False
    outcome: str | None = None
    heard: Mapping[str, str] = field(default_factory=dict)


class AutoCallClient:
    """Have a PBX phone people."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        *,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Take the device's own address, which wants no access data."""
        self._transport = Transport(session, url, limits=limits)

    async def probe(self) -> None:
        """Ask for a task that is none; raise a ``ServiceError`` where nobody knows tasks."""
        with suppress(NoScenario):
            await self._get(STATUS_PATH, "0")

    async def start(self, scenario: str, number: str) -> str:
        """Have a number phoned; return the task's id.

        Raise ``AlreadyRunning``, ``NoScenario`` or another ``ServiceError``.
        """
        answer = await self._transport.request_json(
            "POST",
            START_PATH,
            # The vendor's own example.
            headers={"Content-Type": "text/plain"},
            body={"name": scenario, "list": [number]},
            explain=_explained,
        )
        _raise_said(answer)
        task = as_id(answer.get("id")) if isinstance(answer, dict) else None
        if task is None:
            raise ProtocolError("The answer is not one of an auto-call")
        return task

    async def stop(self, task: str) -> None:
        """Have a task phone nobody any more; raise a ``ServiceError`` where it does not."""
        await self._get(START_PATH, task, cmd="task_stop")

    async def state(self, task: str, number: str) -> CallState:
        """Return how a number's call goes; raise a ``ServiceError`` where nobody can."""
        rows = list(_rows(await self._get(RESULT_PATH, task)))
        row = next((row for row in rows if _names(row, number)), None)
        if row is None and len(rows) == 1:
            row = rows[0]
        if row is not None:
            words = set(_words(row))
            if DIALING in words:
                return CallState()
            # The more exact word where there are two, such as fail and busy.
            found = sorted(words & OUTCOMES, key=lambda word: word in ("ok", "fail"))
            if found:
                heard = {
                    name: str(row[name]).strip()
                    for name in RESULT_FIELDS
                    if row.get(name) is not None
                }
                return CallState(is_over=True, outcome=found[0], heard=heard)
        status = await self._get(STATUS_PATH, task)
        return CallState(is_over=bool(OVER & set(_words(status))))

    async def _get(self, path: str, task: str, **params: str) -> Json:
        return await self._transport.request_json(
            "GET", path, headers={}, params={"id": task, **params}, explain=_explained
        )


def _explained(_status: int, text: str) -> ServiceError | None:
    """Return what the body of a failure says, None where it says nothing of ours."""
    try:
        _raise_said(json.loads(text))
    except (AlreadyRunning, NoScenario) as err:
        return err
    except ValueError, RecursionError, RequestRefused:
        return None
    return None


def _raise_said(answer: Json) -> None:
    """Raise what an answer says that is no success."""
    words = set(_words(answer))
    if "already_running" in words:
        raise AlreadyRunning("The PBX phones somebody already")
    if "not_found" in words:
        raise NoScenario("The PBX has no scenario of this name")


def _words(answer: Json) -> Iterator[str]:
    """Yield the texts that stand in an answer, not those in its lists."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for value in answer.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield from (text for text in value.values() if isinstance(text, str))


def _rows(answer: Json) -> Iterator[dict[str, Json]]:
    """Yield what an answer says of each number, listed or by number."""
    if isinstance(answer, list):
        yield from (item for item in answer if isinstance(item, dict))
        return
    if not isinstance(answer, dict):
        return
    for key, value in answer.items():
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, dict))
        elif _digits(key) and not key.startswith("result"):
            row = value if isinstance(value, dict) else {"result": value}
            yield {"number": key, **row}
        elif isinstance(value, dict):
            yield from _rows(value)


def _names(row: Mapping[str, Json], number: str) -> bool:
    """Return whether a row is about a number, however it is written."""
    wanted = _digits(number)
    return any(
        _digits(str(value)) == wanted
        for key, value in row.items()
        if key not in RESULT_FIELDS and isinstance(value, str | int)
    )


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))[-DIGITS:]
