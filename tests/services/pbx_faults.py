"""What can happen to a PBX's event stream, each with its beginning and its end."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from custom_components.carbis_alerts.api.event_stream import MAX_EVENT
from simulator.faults import Faults
from simulator.pbx import EVENTS_PATH, PbxService

# The PBX, and the source that listens to it.
type Happening = Callable[[PbxService, Any], AbstractAsyncContextManager[None]]

# Seconds between heartbeats, where there are some.
HEARTBEAT: Final = 5.0
PAUSE: Final = 0.01
# Half an event: what follows is cut off.
HALF: Final = b'data: {"event_type": "incoming_sms", "payload": {"text": "ha'


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of a stream, and what comes of it.

    ``error`` is the name of the error that the line ends by, None where it must go on.
    ``lasts`` is true where it does until its end, else it is over at once. ``says``
    are the types of events that come of it, ``malformed`` is how many messages of it
    are none. ``is_final`` is for what only a person takes back.
    """

    happens: Happening
    error: str | None = None
    lasts: bool = False
    says: tuple[str, ...] = ()
    malformed: int = 0
    is_final: bool = False


def _at_once(act: Callable[[PbxService], object]) -> Happening:
    """Let something happen that is over at once."""

    @asynccontextmanager
    async def happen(service: PbxService, _: Any) -> AsyncGenerator[None]:
        act(service)
        yield

    return happen


def _ends_then(faults: Faults) -> Happening:
    """End the stream; whoever comes back meets the faults."""

    @asynccontextmanager
    async def happen(service: PbxService, _: Any) -> AsyncGenerator[None]:
        service.faults.set(faults)
        service.end_streams()
        yield
        service.faults.clear()

    return happen


def _cut(service: PbxService) -> None:
    """Close the connection in the middle of an event."""
    service.cut_stream_after(len(HALF))
    service.push_raw(HALF + b'lf"}}\n\n')


def _reset(service: PbxService) -> None:
    """Reset the connection in the middle of an event."""
    service.push_raw(HALF)
    service.reset_streams()


@asynccontextmanager
async def _stops_heartbeats(service: PbxService, source: Any) -> AsyncGenerator[None]:
    """Send heartbeats until they are known, then nothing: the line looks alive."""
    service.heartbeat = HEARTBEAT
    while source.diagnostics()["patience"] is None:  # noqa: ASYNC110
        await asyncio.sleep(PAUSE)
    service.heartbeat = None
    yield


@asynccontextmanager
async def _another_content_type(service: PbxService, _: Any) -> AsyncGenerator[None]:
    before, service.content_type = service.content_type, "text/plain"
    service.end_streams()
    yield
    service.content_type = before


@asynccontextmanager
async def _redirects_elsewhere(service: PbxService, _: Any) -> AsyncGenerator[None]:
    async with PbxService() as elsewhere:
        service.faults.set(_moved(f"{elsewhere.url}{EVENTS_PATH}"))
        service.end_streams()
        yield
        service.faults.clear()
        assert elsewhere.connections == 0, "the token may have gone elsewhere"


def _moved(address: str, times: int | None = None) -> Faults:
    return Faults(status=301, headers={"Location": address}, times=times)


UNAVAILABLE: Final = "ServiceUnavailable"
PROTOCOL: Final = "ProtocolError"

FAULTS: Final[Mapping[str, Fault]] = {
    "clean end": Fault(
        happens=_at_once(PbxService.end_streams),
        error=UNAVAILABLE,
    ),
    "FIN in the middle of an event": Fault(happens=_at_once(_cut), error=UNAVAILABLE),
    "RST in the middle of an event": Fault(happens=_at_once(_reset), error=UNAVAILABLE),
    "end, then 503": Fault(
        happens=_ends_then(Faults(status=503)), error=UNAVAILABLE, lasts=True
    ),
    "end, then 429 with Retry-After": Fault(
        happens=_ends_then(Faults(status=429, headers={"Retry-After": "0"})),
        error="RateLimited",
        lasts=True,
    ),
    "end, then refused": Fault(
        happens=_ends_then(Faults(refuse=True)), error=UNAVAILABLE, lasts=True
    ),
    "end, then reset": Fault(
        happens=_ends_then(Faults(reset=True)), error=UNAVAILABLE, lasts=True
    ),
    "end, then 401": Fault(
        happens=_ends_then(Faults(status=401)), error="AuthenticationError", lasts=True
    ),
    "heartbeats stop": Fault(happens=_stops_heartbeats, error=UNAVAILABLE),
    "204": Fault(
        happens=_ends_then(Faults(no_content=True)),
        error="StreamRefused",
        lasts=True,
        is_final=True,
    ),
    "301 to the same origin": Fault(
        happens=_ends_then(_moved(f"{EVENTS_PATH}?moved", times=1)), error=UNAVAILABLE
    ),
    "301 to another origin": Fault(
        happens=_redirects_elsewhere, error=PROTOCOL, lasts=True
    ),
    "wrong content type": Fault(
        happens=_another_content_type, error=PROTOCOL, lasts=True
    ),
    "event over the limit": Fault(
        happens=_at_once(
            lambda service: service.push_raw(b"data: " + b"x" * MAX_EVENT)
        ),
        error=PROTOCOL,
    ),
    # What must not end the line.
    "invalid UTF-8": Fault(
        happens=_at_once(
            lambda service: service.push_raw(
                b'data: {"event_type": "fax", "text": "\xff\xc3"}\n\n'
            )
        ),
        says=("other",),
    ),
    "garbage JSON": Fault(
        happens=_at_once(lambda service: service.push_raw(b"data: {not JSON\n\n")),
        malformed=1,
    ),
    "wrong shapes": Fault(
        happens=_at_once(
            lambda service: service.push_raw(
                b'data: null\n\ndata: "x"\n\ndata: [1]\n\ndata: {"event_type": 5.5}\n\n'
                b'data: {"event_type": "call_end", "payload": [{"call_id": 1}]}\n\n'
                b'data: {"event_type": "incoming_call", "payload": null}\n\n'
            )
        ),
        says=("other", "call_end", "incoming_call"),
        malformed=3,
    ),
}
