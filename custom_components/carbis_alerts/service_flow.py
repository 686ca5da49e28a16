"""What a set-up, a repair of credentials and a change of an entry have in common."""

from functools import cached_property
from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
)

from .api.errors import ServiceError
from .connector import Connector
from .domain.events import Source
from .services.form import ServiceForm
from .services.registry import SERVICES, service_of


class ServiceFlow(ConfigFlow):
    """A flow about one service: its form, and the entry that it changes, if any."""

    # The service that this flow is about.
    _service: Source

    def __init__(self) -> None:
        """Begin with nothing."""
        self._input: dict[str, Any] = {}
        # What an error's words quote, as the service's own where no reason is known.
        self._said: str | None = None

    def _error_key(self, err: ServiceError) -> str:
        """Return the key of an error's words, which may quote the service's own."""
        self._said = getattr(err, "said", None)
        return self._form.error_key(err)

    @property
    def _form(self) -> ServiceForm:
        """Return the form of the service that this flow is about."""
        entry = self._entry
        return (service_of(entry) if entry else SERVICES[self._service]).form

    @cached_property
    def _connector(self) -> Connector:
        """Return what connects; it remembers what was agreed to in this flow."""
        return Connector(self.hass, self._form, self._entry)

    @property
    def _form_step(self) -> str:
        """Return the step in which the form is shown."""
        match self.source:
            case "reauth":
                return "reauth_confirm"
            case "reconfigure":
                return "reconfigure"
            case _:
                return self._service

    @property
    def _entry(self) -> ConfigEntry | None:
        """Return the entry that is changed, None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None
