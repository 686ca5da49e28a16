"""The question whose a device is that sends to a hook: asked in a repair."""

from collections.abc import Callable, Iterable
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...const import CONF_DEVICE_ID
from ...domain.senders import Senders
from ...runtime import issues

# Seconds between two changes of a repair that strangers could write without end.
SHOW_INTERVAL: Final = 60.0


class DeviceQuestion:
    """Have a person say which of the devices that send to a hook is the PBX."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        senders: Senders,
        store: Callable[[], None],
    ) -> None:
        """Take who sends, and what has it written down."""
        self._hass = hass
        self._entry = entry
        self._senders = senders
        self._store = store
        # By the monotonic clock.
        self._rests_until = 0.0

    @property
    def devices(self) -> dict[str, int]:
        """Return how many messages each unknown device has sent, by id, most first."""
        counts = self._senders.unknown
        return {
            name: counts[name]
            for name in sorted(counts, key=lambda name: -counts[name])
        }

    @property
    def is_known(self) -> bool:
        """Return whether one device is believed, so that messages of others are refused."""
        return self._senders.device_id is not None

    @callback
    def async_judge(self, device_id: str | None) -> bool:
        """Return whether a message of a device is taken; ask about an unknown one."""
        verdict = self._senders.judge(device_id)
        if verdict.is_question and time.monotonic() >= self._rests_until:
            self.async_show()
            self._store()
        return verdict.is_taken

    @callback
    def async_ask_about(self, device_id: str) -> None:
        """Ask about a device that was named in a form."""
        self._senders.ask_about(device_id)
        self.async_show()
        self._store()

    @callback
    def async_believe(self, device_id: str, asked: Iterable[str]) -> None:
        """Believe one of the devices that were shown, and refuse the others for good."""
        self._senders.believe(device_id, asked)
        self._store()
        data = {**self._entry.data, CONF_DEVICE_ID: device_id or None}
        # Its listener loads the entry again, which subscribes to the PBX that is meant now.
        self._hass.config_entries.async_update_entry(self._entry, data=data)
        self.async_show()

    @callback
    def async_ignore(self, asked: Iterable[str]) -> None:
        """Refuse devices that were shown for good."""
        self._senders.ignore(asked)
        self._store()
        self.async_show()

    @callback
    def async_show(self) -> None:
        """Open the repair, bring it up to date, or close it where there is nothing to ask."""
        if not self._senders.is_asked_about:
            issues.async_close(self._hass, self._entry, issues.UNKNOWN_DEVICE)
            self._rests_until = 0.0
            return
        self._rests_until = time.monotonic() + SHOW_INTERVAL
        issues.async_open(
            self._hass,
            self._entry,
            issues.UNKNOWN_DEVICE,
            severity=issues.Severity.WARNING,
            details={"device": next(iter(self.devices))},
        )
