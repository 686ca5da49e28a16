"""The services as they play a recording."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, override

from aiohttp import web
import orjson

from .green_api import GreenApiService
from .green_api_calls import call_name, poll_seconds
from .pbx import PbxService
from .qr_menu import PATH, QrMenuService
from .replay import Played, Player, Recording
from .service import JSON_TYPE, Answer

# Requests before a recording begins: that of a form, and the one that takes the queue for known.
BEFORE: Final = 2
# Seconds for which a line has to be there: a form opens it only to look.
SETTLED: Final = 1.0


class QrMenuReplay(QrMenuService):
    """A QR menu whose answers were recorded."""

    player: Player
    _known: list[Any]

    def play(self, recording: Recording, speed: float) -> None:
        """Answer with a recording, once the client knows what was there before it."""
        polls = [one for one in recording.exchanges if one.kind == "request"]
        self.player = Player(polls, speed)
        self._known = _known_before(polls)
        self._asked = 0

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer with what is due, else with nothing new."""
        if request.path != PATH or not token_ok:
            return await super().answer(request, token_ok)
        self._asked += 1
        if self._asked <= BEFORE:
            return _updates(self._known)
        self.player.begin()
        if (played := self.player.take()) is None:
            return _updates([])
        return _answer(played)


class GreenApiReplay(GreenApiService):
    """A gateway whose queue was recorded."""

    player: Player

    def play(self, recording: Recording, speed: float) -> None:
        """Answer with a recording, once the client has seen an empty queue."""
        received = [
            one
            for one in recording.exchanges
            if one.path.endswith("/receiveNotification/*")
            and one.body.strip() not in (b"", b"null")
        ]
        self.player = Player(received, speed)
        self._started = False

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer with what is due; whatever is deleted was there."""
        name = call_name(request.path).partition(" ")[0]
        if token_ok and name == "deleteNotification":
            return Answer.json({"result": True})
        if not token_ok or name != "receiveNotification":
            return await super().answer(request, token_ok)
        if not self._started:
            self._started = True
            return Answer.json(None)
        self.player.begin()
        seconds = poll_seconds(request.query.get("receiveTimeout", "5"))
        played = await self.player.next(within=seconds)
        return Answer.json(None) if played is None else _answer(played)


class PbxReplay(PbxService):
    """A PBX whose messages were recorded, whichever way they came."""

    player: Player
    _playing: asyncio.Task[None] | None = None

    def play(self, recording: Recording, speed: float) -> None:
        """Send a recording, once a client listens."""
        sent = [
            one
            for one in recording.exchanges
            if one.kind in {"stream", "hook"} and not _is_verification(one)
        ]
        self.player = Player(sent, speed)

    @override
    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        await super().start()
        self._playing = asyncio.get_running_loop().create_task(self._play())

    @override
    async def stop(self) -> None:
        """Close everything without waiting for clients; start() takes the same port again."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.wait([self._playing])
            self._playing = None
        await super().stop()

    async def _play(self) -> None:
        settled = 0.0
        while settled < SETTLED:
            await asyncio.sleep(SETTLED / 10)
            settled = settled + SETTLED / 10 if self.streams or self.hook else 0.0
        self.player.begin()
        while (played := await self.player.next()) is not None:
            if played.error is None:
                self.push(played.body, add_device_id=False)
            else:
                self.end_streams()
            # One after the other, also where several are due.
            await asyncio.sleep(0)


def device_id(recording: Recording) -> str | None:
    """Return the id of the device that a recording's messages are from."""
    for one in recording.exchanges:
        if found := _object(one.body).get("device_id"):
            return str(found)
    return None


def _answer(played: Played) -> Answer:
    """Return what came; where nothing did, the service is out of order."""
    if played.status is None:
        return Answer.text(503)
    return Answer(
        status=played.status,
        body=played.body,
        headers={"Content-Type": played.content_type or JSON_TYPE},
    )


def _updates(events: Iterable[Any]) -> Answer:
    return Answer.json({"result": True, "data": {"updates": list(events)}})


def _known_before(polls: Iterable[Played]) -> list[Any]:
    """Return what the first reading of the whole queue has that did not come just before."""
    seen: list[Any] = []
    for one in polls:
        data = _object(one.body).get("data")
        updates = data.get("updates") if isinstance(data, dict) else None
        events = updates if isinstance(updates, list) else []
        if one.query.get("hash") == "none":
            return [event for event in events if event not in seen]
        seen += events
    return []


def _is_verification(one: Played) -> bool:
    return _object(one.body).get("event_type") == "verification"


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
