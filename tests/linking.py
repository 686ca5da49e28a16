"""A dialog that links an account, as Home Assistant's pages keep it."""

import asyncio
from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESSED,
    FlowManager,
    FlowResultType,
)

from simulator.service import PATIENCE

from .flows import Result


class Window:
    """A dialog that is open: asked again whenever Home Assistant says that it has changed."""

    def __init__(
        self,
        hass: HomeAssistant,
        result: Result,
        manager: FlowManager[Any, Any, Any] | None = None,
    ) -> None:
        """Show what a step has answered."""
        self._manager = manager or hass.config_entries.flow
        self._changed = asyncio.Event()
        self.result = result
        hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, self._note)

    @callback
    def _note(self, event: Event[Any]) -> None:
        if event.data["flow_id"] == self.result["flow_id"]:
            self._changed.set()

    async def submit(self, **data: Any) -> Result:
        """Press the button, or choose from a menu."""
        return await self._ask(data)

    async def until(self, condition: Callable[[Result], bool]) -> Result:
        """Wait until the dialog shows something."""
        async with asyncio.timeout(PATIENCE):
            while not condition(self.result):
                await self._changed.wait()
                self._changed.clear()
                await self._ask(None)
        return self.result

    async def shows(self, action: str) -> Result:
        """Wait until it shows what belongs to an action."""
        return await self.until(lambda shown: shown.get("progress_action") == action)

    async def image(self, other_than: str = "") -> str:
        """Wait for an image; return its path."""
        await self.until(
            lambda shown: (
                (shown.get("description_placeholders") or {}).get("image", other_than)
                != other_than
            )
        )
        path: str = self.result["description_placeholders"]["image"]
        return path

    async def ended(self) -> Result:
        """Wait until nothing more is waited for."""
        return await self.until(
            lambda shown: (
                shown["type"]
                not in (FlowResultType.SHOW_PROGRESS, FlowResultType.SHOW_PROGRESS_DONE)
            )
        )

    async def _ask(self, data: dict[str, Any] | None) -> Result:
        self.result = await self._manager.async_configure(self.result["flow_id"], data)
        return self.result
