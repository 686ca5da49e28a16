"""The QR menu of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, override

from .service import Alert, Change, Service, unknown_step
from .stream import Stream


class QrMenu(Service):
    """The QR menu, with a certificate that nobody knows."""

    source: ClassVar[str] = "qr_menu"
    name: ClassVar[str] = "QR menu"
    steps: ClassVar[str] = "form, certificate, entry"

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the QR menu, enter address and token, compare the fingerprint."""
        match step:
            case "user":
                return {"next_step_id": "qr_menu"}
            case "qr_menu":
                return {
                    "url": self._simulator["qr_menu_url"],
                    "token": self._simulator["qr_menu_token"],
                }
            case "certificate":
                own = bytes.fromhex(self._simulator["qr_menu_fingerprint"])
                return {
                    "trust": bytes.fromhex(shown["fingerprint"].replace(":", "")) == own
                }
        raise unknown_step(step)

    @override
    async def open(self) -> None:
        """Seat guests at two tables and let them order."""
        for table in ("3", "6"):
            await self._post(f"/qr-menu/tables/{table}/dishes")

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Call the waiter to table 6."""
        sent = await self._post("/qr-menu/tables/6/call")
        yield Alert(
            text="Waiter call at table 6",
            event={
                "source": "qr_menu",
                "type": "waiter_call",
                "event_id": sent["hash"],
            },
            changes=(Change("light.hall_lamp", ("on",)),),
        )
