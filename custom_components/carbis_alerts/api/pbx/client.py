"""Talk to a PBX or to its cloud."""

from typing import Final

import aiohttp
from yarl import URL

from ..errors import AuthenticationError, HookRefused, ProtocolError
from ..fields import as_text
from ..intake import Budget
from ..recorder import Tap
from ..stream import EventStream
from ..transport import DEFAULT_LIMITS, Limits, Transport
from .models import EVENT_TYPES

EVENTS_PATH: Final = "/sys/events"
SUBSCRIBE_PATH: Final = "/sys/subscribe_events"
# What a server answers that does not like the hook, not the request as such.
HOOK_REFUSED_STATUSES: Final = (400, 406, 409, 412, 417, 422, 424)


class PbxClient:
    """Talk to a PBX or to its cloud."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        fingerprint: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        tap: Tap | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Take the address; a token goes before a user name, neither is fine too."""
        self._transport = Transport(
            session,
            url,
            fingerprint=fingerprint,
            limits=limits,
            tap=tap,
            budget=budget,
        )
        self._token = token
        self._username = username
        self._password = password

    def stream(self, last_event_id: str = "") -> EventStream:
        """Return the event stream, to be entered.

        Raise ``AuthenticationError`` where the access data cannot be sent.
        """
        return EventStream(
            self._transport,
            EVENTS_PATH,
            headers=self._headers(),
            last_event_id=last_event_id,
        )

    async def subscribe(self, hook: str, types: tuple[str, ...] = EVENT_TYPES) -> None:
        """Have events sent to a hook; in the meantime the PBX verifies the hook.

        Raise ``HookRefused`` where the PBX does not take it, else a ``ServiceError``.
        """
        try:
            answer = await self._transport.request_json(
                "POST",
                SUBSCRIBE_PATH,
                headers={**self._headers(), "Content-Type": "application/json"},
                body={"hook": hook, "subscribe": list(types)},
            )
        except ProtocolError as err:
            if err.status in HOOK_REFUSED_STATUSES:
                raise HookRefused(str(err), status=err.status) from None
            raise
        if not isinstance(answer, dict):
            raise ProtocolError("The answer is not one of a PBX")
        if as_text(answer.get("hook")) != hook:
            raise HookRefused("The PBX did not take the hook")

    def _headers(self) -> dict[str, str]:
        if self._token:
            return {"Authorization": f"Bearer {self._token}"}
        if not self._username:
            return {}
        try:
            basic = aiohttp.encode_basic_auth(self._username, self._password or "")
        except ValueError:
            # With the name in its traceback.
            raise AuthenticationError(
                "The user name has a colon, which HTTP cannot send"
            ) from None
        return {"Authorization": basic}
