"""The PBX of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final, override

from .service import Alert, Change, Service, Subentry, unknown_step
from .stream import Stream

GUEST_NUMBER: Final = "+79821234567"
# As people write it: the integration knows that it is the same.
GUEST_NUMBER_WRITTEN: Final = "8 (982) 123-45-67"
EXTENSION: Final = "107"
LAMP: Final = "light.phone_lamp"


class Pbx(Service):
    """The PBX, which wants a token and is listened to over its event stream."""

    source: ClassVar[str] = "pbx"
    name = "PBX"
    steps: ClassVar[str] = "form, entry, contact"

    @property
    @override
    def subentry(self) -> Subentry | None:
        """Return the guest who calls."""
        data = {
            "name": self._words["guest"],
            "number": GUEST_NUMBER_WRITTEN,
            "vip": True,
        }
        return Subentry("contact", data)

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the PBX, enter address and token, choose the event stream."""
        match step:
            case "user":
                return {"next_step_id": "pbx"}
            case "pbx":
                return {
                    "url": self._simulator["pbx_url"],
                    "transport": "sse",
                    "token": self._simulator["pbx_token"],
                }
        raise unknown_step(step)

    @override
    async def open(self) -> None:
        """Let a call be missed."""
        call_id = await self._ring()
        await self._post(f"/pbx/calls/{call_id}/miss")

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Let it ring long enough to see the lamp blink, answer, and hang up."""
        call_id = await self._ring()
        call = {
            "source": "pbx",
            "call_id": str(call_id),
            "caller_name": self._words["guest"],
            "extension": EXTENSION,
        }
        yield Alert(
            text=f"{self._words['guest']} calls {EXTENSION}",
            event={**call, "type": "incoming_call"},
            changes=(Change(LAMP, ("on", "off", "on")),),
        )
        await self._post(f"/pbx/calls/{call_id}/answer")
        yield Alert(
            text="The call is answered",
            event={**call, "type": "start_talk"},
            changes=(Change(LAMP, ("off",), may_be_so=True),),
        )
        await self._post(f"/pbx/calls/{call_id}/hang-up")
        yield Alert(
            text="The call is over",
            event={**call, "type": "call_end", "status": "success"},
        )

    async def _ring(self) -> int:
        """Let the guest call; return the id of the call."""
        sent = await self._post(
            "/pbx/calls", {"from": GUEST_NUMBER, "to": EXTENSION, "trunk": "GSM1"}
        )
        call_id: int = sent["payload"]["call_id"]
        return call_id
