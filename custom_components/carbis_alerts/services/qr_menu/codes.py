"""Ask the owner once what a code of the menu's own means, and keep the answer."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...const import CONF_CODE_MEANINGS
from ...domain.codes import CODE, MEANING, Meaning, SeenCodes, meanings_of, rows_of
from ...domain.events import EventType, TableEvent
from ...runtime import issues


class CodeQuestions:
    """The codes of an entry's menu, what they mean, and which are asked about."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, changed: Callable[[], None]
    ) -> None:
        """Take whom to call when what is stored has changed."""
        self._hass = hass
        self._entry = entry
        self._changed = changed
        self.meanings = meanings_of(entry.options.get(CONF_CODE_MEANINGS))
        self._seen = SeenCodes(self.meanings)

    @property
    def seen(self) -> list[str]:
        """Return the codes that came, the one that came last first."""
        return self._seen.all

    @property
    def answers(self) -> list[str]:
        """Return what a code can mean."""
        return [*Meaning]

    def meaning(self, code: str | None) -> Meaning | None:
        """Return what a code means by the options."""
        return self.meanings.get(code or "")

    def asked(self, part: str) -> str | None:
        """Return the code that a repair is about, None where it is answered."""
        return next((code for code in self._seen.asked if _part(code) == part), None)

    @callback
    def async_note(self, event: TableEvent) -> None:
        """Note an event's code; the third time that nobody knows it, ask."""
        is_unknown = event.type is EventType.OTHER and self.meaning(event.code) is None
        if self._seen.note(event.code, is_unknown=is_unknown) and event.code:
            self._async_ask(event.code)

    @callback
    def async_answer(self, code: str, meaning: str) -> None:
        """Keep what a code means: the entry starts again with it."""
        self._seen.answer(code)
        self._changed()
        issues.async_close(self._hass, self._entry, issues.UNKNOWN_CODE, _part(code))
        options = self._entry.options
        rows = [
            *rows_of(options.get(CONF_CODE_MEANINGS)),
            {CODE: code, MEANING: meaning},
        ]
        self._hass.config_entries.async_update_entry(
            self._entry, options={**options, CONF_CODE_MEANINGS: rows_of(rows)}
        )

    def as_list(self) -> list[list[Any]]:
        """Return what to store."""
        return self._seen.as_list()

    @callback
    def async_restore(self, stored: object) -> None:
        """Take over what was stored; ask again what nobody has answered."""
        self._seen.restore(stored)
        for code in self.meanings:
            issues.async_close(
                self._hass, self._entry, issues.UNKNOWN_CODE, _part(code)
            )
        for code in self._seen.asked:
            self._async_ask(code)

    @callback
    def _async_ask(self, code: str) -> None:
        issues.async_open(
            self._hass,
            self._entry,
            issues.UNKNOWN_CODE,
            part=_part(code),
            severity=issues.Severity.WARNING,
            details={"code": code},
        )


def _part(code: str) -> str:
    """Return what distinguishes the repair of a code, whatever is in it."""
    return sha256(code.encode("utf-8", "replace")).hexdigest()[:8]
