"""Connect as a form was filled in: really, or say what a person has to decide first."""

from collections.abc import Mapping
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from yarl import URL

from .api.address import same_server
from .api.certificate import ServerCertificate
from .api.errors import (
    AuthenticationError,
    CertificateError,
    ProtocolError,
    ServiceError,
    ServiceUnavailable,
)
from .api.transport import Limits
from .const import CONF_FINGERPRINT, CONF_SERVICE
from .entries import service_entries
from .runtime.certificates import async_explain, async_read, pin_of
from .services.form import Fix, FormError, ServiceForm, Untrusted

_LOGGER = logging.getLogger(__name__)

LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Trust:
    """What a person agreed to, and for which server."""

    address: URL
    pin: str | None


class Connector:
    """What a flow tries to connect to, and what was agreed to on the way."""

    def __init__(
        self, hass: HomeAssistant, form: ServiceForm, entry: ConfigEntry | None
    ) -> None:
        """Take the form of a service, and the entry that is changed, None for a new one."""
        self._hass = hass
        self._form = form
        self._entry = entry
        self._trust: Trust | None = None

    def address(self, user_input: Mapping[str, Any]) -> URL:
        """Return the address that was entered; raise ``ValueError`` if it is none."""
        return self._form.address(user_input)

    def trust(self, user_input: Mapping[str, Any], seen: ServerCertificate) -> None:
        """Note that a person agreed to a certificate of the server that was entered."""
        self._trust = Trust(self.address(user_input), pin_of(seen))

    def entry_data(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the entry would hold; a secret left blank stays as it is."""
        address = self.address(user_input)
        known: Mapping[str, Any] = self._entry.data if self._entry else {}
        pin: str | None = None
        if self._trust is not None and same_server(self._trust.address, address):
            pin = self._trust.pin
        elif known and same_server(URL(known[CONF_URL]), address):
            pin = known.get(CONF_FINGERPRINT)
        return {
            CONF_SERVICE: self._form.source.value,
            CONF_URL: str(address),
            CONF_FINGERPRINT: pin if address.scheme == "https" else None,
            **self._form.data(user_input, known),
        }

    def abort_if_known(self, data: Mapping[str, Any]) -> None:
        """Abort where another entry is about the same thing."""
        for other in service_entries(self._hass):
            if (
                other is not self._entry
                and other.data[CONF_SERVICE] == data[CONF_SERVICE]
                and self._form.is_same(data, other)
            ):
                raise AbortFlow("already_configured")

    async def async_connect(self, data: dict[str, Any], typed: str) -> None:
        """Really connect, as the source will; raise a ``ServiceError`` where not.

        A certificate to decide about is ``Untrusted``. What is learned on the way is added
        to the data; ``typed`` is the address as it was entered.
        """
        try:
            await self._async_try(data, typed)
        except FormError, AbortFlow:
            raise
        except ServiceError as err:
            raise await self._async_explained(err, data) from None
        except Exception:
            _LOGGER.exception("Unexpected failure while connecting")
            raise FormError("unknown") from None

    async def async_fix(self, data: Mapping[str, Any], fix: Fix) -> None:
        """Change the service's settings; raise a ``ServiceError`` where it does not."""
        try:
            await self._form.async_fix(self._hass, data, fix.changes, LIMITS)
        except ServiceError:
            raise
        except Exception:
            _LOGGER.exception("Unexpected failure while changing settings")
            raise FormError("unknown") from None

    async def _async_explained(
        self, err: ServiceError, data: Mapping[str, Any]
    ) -> ServiceError:
        """Return what is to be shown of a failure; a certificate is read for that."""
        url, pin = URL(data[CONF_URL]), data[CONF_FINGERPRINT]
        try:
            err = await async_explain(err, url, pin, LIMITS)
            if isinstance(err, CertificateError):
                return Untrusted(await async_read(url, pin, LIMITS))
        except ServiceError as failure:
            return failure
        except Exception:
            _LOGGER.exception("Unexpected failure while looking at the certificate")
            return FormError("unknown")
        return err

    async def _async_try(self, data: dict[str, Any], typed: str) -> None:
        """Connect; where the path entered leads nowhere, to the server itself."""
        form, url = self._form, URL(data[CONF_URL])
        try:
            await form.async_connect(self._hass, data, self._entry, LIMITS)
        except (AuthenticationError, ProtocolError, ServiceUnavailable) as err:
            # Whoever enters the path of the API means what stands before it.
            is_meant = form.path in typed
            # No answer at all has nothing to do with the path.
            is_answer = (
                not isinstance(err, ServiceUnavailable) or err.status is not None
            )
            if url.path == "/" or is_meant or not is_answer:
                raise
            data[CONF_URL] = str(url.origin())
            try:
                await form.async_connect(self._hass, data, self._entry, LIMITS)
            except ProtocolError, ServiceUnavailable:
                data[CONF_URL] = str(url)
                raise err from None
