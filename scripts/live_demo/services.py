"""The services of the demo: how each is set up, and how it makes an alert."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

import aiohttp

from .errors import DemoError

TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that was made: how to know its bus event, and the lamp that shall light."""

    text: str
    event: Mapping[str, Any]
    lamp: str


class Service(ABC):
    """One of the simulator's services, by what the simulator printed at its start."""

    name: str

    def __init__(
        self, session: aiohttp.ClientSession, simulator: dict[str, Any]
    ) -> None:
        """Reach the service through the simulator's control page."""
        self._session = session
        self._simulator = simulator

    @abstractmethod
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a person would enter in a step of the set-up, given what it shows."""

    @abstractmethod
    async def open(self) -> None:
        """Let something happen, so that there is something to see."""

    @abstractmethod
    async def alert(self) -> Alert:
        """Make an alert."""

    async def _post(self, path: str) -> dict[str, Any]:
        url = self._simulator["control_url"] + path
        async with self._session.post(url, timeout=TIMEOUT) as response:
            answer: dict[str, Any] = await response.json()
        if not response.ok:
            raise DemoError(f"The simulator refuses {path}: {answer.get('error')}")
        return answer


class QrMenu(Service):
    """The QR menu, with a certificate that nobody knows."""

    name = "QR menu"

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
        raise DemoError(
            f"The set-up asks for a step that the demo does not know: {step}."
        )

    @override
    async def open(self) -> None:
        """Seat guests at two tables and let them order."""
        for table in ("3", "6"):
            await self._post(f"/qr-menu/tables/{table}/dishes")

    @override
    async def alert(self) -> Alert:
        """Call the waiter to table 6."""
        sent = await self._post("/qr-menu/tables/6/call")
        return Alert(
            text="Waiter call at table 6",
            event={
                "source": "qr_menu",
                "type": "waiter_call",
                "event_id": sent["hash"],
            },
            lamp="light.hall_lamp",
        )


SERVICES: Final[tuple[type[Service], ...]] = (QrMenu,)
