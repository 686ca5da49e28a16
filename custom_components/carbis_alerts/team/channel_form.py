"""The steps about the ways to a person: add another, order, remove, and a try."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectSelector
import voluptuous as vol

from ..const import CONF_CHANNEL, CONF_CHANNELS
from ..domain.shown import placeholders
from ..people import Person
from ..services.form import FieldError
from ..services.sending import async_words
from .channel_fields import FIELDS, label_of
from .channels.channel import Address, ChannelError
from .channels.registry import CHANNELS
from .person_data import same_address, who_shares
from .reach import Reach
from .selects import choice, several
from .words import async_options

NOBODY: Final = "—"

type Step = Callable[
    [ChannelSteps, dict[str, Any] | None], Awaitable[SubentryFlowResult]
]


class ChannelSteps(ConfigSubentryFlow):
    """The steps about the ways to a person, from a menu and back to it."""

    def __init__(self) -> None:
        """Begin without a way."""
        self._name = ""
        self._channels: list[Address] = []
        # Addresses that others have too, and that were entered a second time.
        self._shared: list[Address] = []

    @abstractmethod
    async def async_step_done(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Store the person."""

    @abstractmethod
    @callback
    def _others(self) -> list[Person]:
        """Return the other people of the team."""

    async def async_step_channels(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the ways, the best first, and what can be done with them."""
        options = ["add"] if self._offered() else []
        if len(self._channels) > 1:
            options.append("first")
        if self._channels:
            options += ["remove", "try"]
        labels = await self._async_labels()
        return self.async_show_menu(
            step_id="channels",
            menu_options=[*options, "done"],
            description_placeholders=placeholders(
                name=self._name, channels=" → ".join(labels) or NOBODY
            ),
        )

    async def async_step_add(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user pick the kind of way."""
        return self.async_show_menu(step_id="add", menu_options=self._offered())

    async def async_step_first(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which way is tried before the others."""
        if user_input is not None:
            self._channels.insert(0, self._channels.pop(int(user_input[CONF_CHANNEL])))
            return await self.async_step_channels()
        return self._ask("first", await self._async_choice())

    async def async_step_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which ways go."""
        if user_input is not None:
            gone = set(user_input[CONF_CHANNELS])
            self._channels = [
                address
                for index, address in enumerate(self._channels)
                if str(index) not in gone
            ]
            return await self.async_step_channels()
        labels = await self._async_labels()
        selector = several({str(index): label for index, label in enumerate(labels)})
        return self.async_show_form(
            step_id="remove",
            data_schema=vol.Schema(
                {vol.Optional(CONF_CHANNELS, default=list): selector}
            ),
        )

    async def async_step_try(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Send something by one way, and say what became of it."""
        if user_input is None:
            if len(self._channels) > 1:
                return self._ask("try", await self._async_choice())
            user_input = {CONF_CHANNEL: "0"}
        index = int(user_input[CONF_CHANNEL])
        label = (await self._async_labels())[index]
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self._report("try_failed", label, NOBODY)
        try:
            await entry.runtime_data.part(Reach).async_try(self._channels[index])
        except ChannelError as err:
            return self._report(
                "try_failed",
                label,
                await async_words(self.hass, err.key, err.translation_placeholders),
            )
        return self._report("tried", label)

    async def async_step_tried(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the ways."""
        return await self.async_step_channels()

    async def async_step_try_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the ways."""
        return await self.async_step_channels()

    async def _async_kind(
        self, kind: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Add a way of a kind."""
        fields = FIELDS[kind]
        errors: dict[str, str] = {}
        shared: list[str] = []
        if user_input is not None:
            try:
                address = await fields.async_address(self.hass, user_input)
                shared = self._take(address)
            except FieldError as err:
                errors[err.field] = err.key
            else:
                if not shared:
                    return await self.async_step_channels()
                errors["base"] = "address_shared"
        schema = vol.Schema(fields.fields(self.hass) or {})
        return self.async_show_form(
            step_id=kind,
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            description_placeholders=placeholders(others=", ".join(shared)),
            errors=errors,
        )

    @callback
    def _take(self, address: Address) -> list[str]:
        """Take an address; return who has it too where that was not said yet."""
        if any(same_address(address, known) for known in self._channels):
            raise FieldError("base", "channel_known")
        shared = self._new_sharers(address)
        if not shared:
            self._channels.append(address)
        return shared

    @callback
    def _new_sharers(self, address: Address) -> list[str]:
        """Return who is reached there too, once: entered again, it is meant so."""
        shared = who_shares(self._others(), [address])
        if not shared or any(same_address(address, said) for said in self._shared):
            return []
        self._shared.append(address)
        return shared

    def _offered(self) -> list[str]:
        """Return the kinds of ways that there are here."""
        return [
            kind
            for kind, fields in FIELDS.items()
            if kind in CHANNELS and fields.fields(self.hass) is not None
        ]

    async def _async_labels(self) -> list[str]:
        """Return what the ways are called, in their order."""
        kinds = await async_options(self.hass, CONF_CHANNEL)
        return [label_of(self.hass, kinds, address) for address in self._channels]

    async def _async_choice(self) -> SelectSelector:
        labels = await self._async_labels()
        return choice({str(index): label for index, label in enumerate(labels)})

    def _ask(self, step_id: str, selector: SelectSelector) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({vol.Required(CONF_CHANNEL): selector}),
        )

    def _report(
        self, step_id: str, channel: str, reason: str = ""
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({}),
            description_placeholders=placeholders(channel=channel, reason=reason),
        )


def _kind(kind: str) -> Step:
    """Return the step that adds a way of a kind."""

    async def async_step(
        self: ChannelSteps, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a way of the kind."""
        return await self._async_kind(kind, user_input)

    return async_step


for _channel in FIELDS:
    # Home Assistant looks for a method of the step's name.
    setattr(ChannelSteps, f"async_step_{_channel}", _kind(_channel))
