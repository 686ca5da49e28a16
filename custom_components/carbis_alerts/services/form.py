"""What a form of a service has to know, whatever the step it is shown in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from ..api.address import parse_address
from ..api.certificate import ServerCertificate
from ..api.errors import (
    AuthenticationError,
    EncryptionTooOld,
    HookRefused,
    ProtocolError,
    RequestRefused,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
    StreamCompressed,
)
from ..api.texts import one_line, shortened, whole
from ..api.transport import Limits
from ..api.types import Json
from ..domain.events import Source
from ..domain.rules import ends_with_day
from ..domain.shown import OurWords, changes, shown
from .linking import Linker
from .options import Fields, alert_options, poll_interval


class WholeTextSelector(TextSelector):
    """A text without halves of characters, which nothing can store."""

    @override
    def __call__(self, data: Any) -> str | list[str]:
        """Return what was entered."""
        given = super().__call__(data)
        if isinstance(given, str):
            return whole(given)
        return [whole(text) for text in given]


URL_SELECTOR: Final = WholeTextSelector(TextSelectorConfig(autocomplete="url"))
TEXT_SELECTOR: Final = WholeTextSelector(TextSelectorConfig(autocomplete="off"))
# A secret is refused where it cannot be one, and never changed.
PASSWORD_SELECTOR: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

# Names are shown in lists.
MAX_NAME_LENGTH: Final = 100

type ErrorKeys = tuple[tuple[type[ServiceError], str], ...]

# The first that fits is shown.
ERROR_KEYS: Final[ErrorKeys] = (
    (AuthenticationError, "invalid_auth"),
    # A QR menu that says no to a request for everything can only mean the token.
    (RequestRefused, "invalid_auth"),
    (HookRefused, "hook_refused"),
    (StreamCompressed, "stream_compressed"),
    (ProtocolError, "invalid_response"),
    (ServiceTimeout, "timeout"),
    (EncryptionTooOld, "tls_too_old"),
    (ServiceUnavailable, "cannot_connect"),
)


class FormError(ServiceError):
    """What a service says that only a set-up asks for; ``key`` has the words.

    ``said`` is what the words quote.
    """

    said: str | None = None

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class FieldError(FormError):
    """What is wrong with one field of a form; ``key`` has the words."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(key)
        self.field = field


class Fix(FormError):
    """Settings of a service that keep notifications away, and what would help."""

    def __init__(
        self, key: str, changes: Mapping[str, Json], settings: Mapping[str, Json]
    ) -> None:
        super().__init__(key)
        self.changes = changes
        self._settings = settings

    def shown(self) -> OurWords:
        """Return what would be changed, a line each."""
        return changes(
            (name, self._settings.get(name), value)
            for name, value in self.changes.items()
        )


class Untrusted(FormError):
    """A certificate that a person has to decide about."""

    def __init__(self, certificate: ServerCertificate) -> None:
        super().__init__("certificate_rejected")
        self.certificate = certificate


class ServiceForm(ABC):
    """The form of one service."""

    source: ClassVar[Source]
    # Fields that are never shown again; left blank they stay as they are.
    secrets: ClassVar[tuple[str, ...]] = ()
    # What people copy along with the address.
    path: ClassVar[str] = ""
    default_url: ClassVar[str | None] = None
    # Whether the service is asked again and again, so that one may say how often.
    polls: ClassVar[bool] = False
    # Errors that no other service has, and the keys of their words.
    error_keys: ClassVar[ErrorKeys] = ()

    def fields(self, *, is_new: bool) -> vol.Schema:
        """Return all fields: what people call it, and what the service needs."""
        name: dict[vol.Marker, object] = {vol.Optional(CONF_NAME): TEXT_SELECTOR}
        return vol.Schema(name).extend(self.schema(is_new=is_new).schema)

    def schema(self, *, is_new: bool) -> vol.Schema:
        """Return the service's own fields: an address, where there is nothing else to ask."""
        return vol.Schema({vol.Required(CONF_URL): URL_SELECTOR})

    def options_schema(self) -> vol.Schema:
        """Return the fields of the options."""
        return vol.Schema(
            {
                **(poll_interval() if self.polls else {}),
                **alert_options(end_with_day=ends_with_day(self.source)),
            }
        )

    def entry_options(self, hass: HomeAssistant, entry: ConfigEntry) -> Fields:
        """Return the fields of the options that depend on what an entry has seen."""
        return {}

    def options(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options to be stored; raise a ``FieldError`` for what is none."""
        return dict(user_input)

    def address(self, user_input: Mapping[str, Any]) -> URL:
        """Return the address that was entered; raise ``ValueError`` if it is none."""
        return parse_address(user_input[CONF_URL], without=self.path)

    def data(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the entry would hold besides its address and certificate."""
        return {}

    def is_same(self, data: Mapping[str, Any], other: ConfigEntry) -> bool:
        """Return whether another entry of the service is about the same thing."""
        one, two = URL(data[CONF_URL]), URL(other.data[CONF_URL])
        return (one.host, one.port) == (two.host, two.port)

    @abstractmethod
    async def async_connect(
        self,
        hass: HomeAssistant,
        data: dict[str, Any],
        entry: ConfigEntry | None,
        limits: Limits,
    ) -> None:
        """Really connect, as the source will do; raise a ``ServiceError`` where not.

        What is learned on the way is added to the data.
        """

    async def async_fix(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        changes: Mapping[str, Json],
        limits: Limits,
    ) -> None:
        """Change the service's settings, after a ``Fix``."""
        raise NotImplementedError

    def needs_link(self, err: ServiceError) -> bool:
        """Return whether a failure is that no account is linked to the service yet."""
        return False

    def linker(self, hass: HomeAssistant, data: Mapping[str, Any]) -> Linker:
        """Return what links an account, where one may be missing."""
        raise NotImplementedError

    async def async_leave(  # noqa: B027
        self, hass: HomeAssistant, entry: ConfigEntry, data: Mapping[str, Any]
    ) -> None:
        """Tidy up what an entry leaves behind when it changes to other data."""

    def title(self, data: Mapping[str, Any]) -> str:
        """Return the title of an entry."""
        return URL(data[CONF_URL]).host or ""

    def given_name(self, entry: ConfigEntry) -> str | None:
        """Return what a person called an entry, None where its title is made by us."""
        made = self.title(entry.data)
        return None if entry.title in (made, shown(made)) else entry.title

    def error_field(self, err: ServiceError) -> str:
        """Return the field that an error is about, else all of the form."""
        return err.field if isinstance(err, FieldError) else "base"

    def error_key(self, err: ServiceError) -> str:
        """Return the key of an error's words."""
        if isinstance(err, FormError):
            return err.key
        keys = (*self.error_keys, *ERROR_KEYS)
        return next(key for kind, key in keys if isinstance(err, kind))


def entered_name(user_input: Mapping[str, Any]) -> str | None:
    """Return the name as entered, in one line and as long as one of a device."""
    name = one_line(user_input.get(CONF_NAME) or "")
    return shortened(name, MAX_NAME_LENGTH) or None


def secret(
    user_input: Mapping[str, Any], known: Mapping[str, Any], key: str
) -> str | None:
    """Return a secret as entered; left blank it stays as it is."""
    entered = (user_input.get(key) or "").strip()
    stays: str | None = known.get(key)
    if entered and not entered.isprintable():
        raise AuthenticationError("This cannot be a token")
    return entered or stays
