"""Ask a QR menu server for events."""

from collections.abc import Mapping
from typing import Final

import aiohttp
from yarl import URL

from ..chunked_json import let_go_in_slices
from ..errors import ProtocolError, ServiceUnavailable
from ..intake import Budget
from ..recorder import Tap
from ..transport import DEFAULT_LIMITS, Limits, Transport
from ..types import Json
from .models import Updates
from .parse import parse_updates

EVENTS_PATH: Final = "/api/v4/events"
# What the server takes for "from the beginning of the queue".
NO_CURSOR: Final = "none"
# What an answer without any body means: HTTP 204, or 200 and nothing.
EMPTY_QUEUE: Final[Mapping[str, Json]] = {"result": True}
# How long the server keeps an event, by its vendor's description: seconds.
RETENTION: Final = 300.0


class QrMenuClient:
    """Ask a QR menu server for events."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        token: str,
        *,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tap: Tap | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Take the server's address; ``fingerprint`` pins its certificate (SHA-256)."""
        self._transport = Transport(
            session,
            url,
            fingerprint=fingerprint,
            limits=limits,
            tap=tap,
            budget=budget,
        )
        self._headers = {"token": token, "Accept": "application/json"}

    async def fetch(self, cursor: str | None) -> Updates:
        """Return the events after the cursor, or all that the server keeps.

        Wait for the service's budget before. Raise ``AuthenticationError``, ``RequestRefused`` (``result`` is not true:
        a wrong token or a cursor that the server no longer has), ``ProtocolError``
        or ``ServiceUnavailable`` with its subclasses.
        """
        budget = self._transport.budget
        await budget.take()
        document = await self._transport.request_json(
            "GET",
            EVENTS_PATH,
            params={"hash": cursor or NO_CURSOR},
            headers=self._headers,
            allow_empty=True,
            empty=dict(EMPTY_QUEUE),
        )
        updates = await parse_updates(document, budget.loop_yield)
        await let_go_in_slices(document, budget.loop_yield)
        return updates


def cursor_may_be_the_reason(err: Exception) -> bool:
    """Return whether the server may have failed because of the cursor alone.

    What it answers to a cursor that it dropped is not documented.
    """
    return isinstance(err, ProtocolError) or (
        isinstance(err, ServiceUnavailable)
        and err.status is not None
        and err.status != 429
    )
