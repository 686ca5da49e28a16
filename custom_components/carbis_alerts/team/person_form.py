"""The form of somebody of a team: one form is enough, the rest is for later."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
)
import voluptuous as vol

from ..const import (
    CONF_CHANNELS,
    CONF_NUMBER,
    CONF_PERSON_ENTITY,
    CONF_POS_WAITER,
    CONF_ROLE,
    CONF_SHIFT_ENTITY,
    CONF_ZONE,
)
from ..domain.names import folded
from ..domain.shown import placeholders
from ..people import Person, Role
from ..services.form import TEXT_SELECTOR, FieldError, entered_name
from ..services.options import Fields
from .channel_form import ChannelSteps
from .first_way import CONF_VIA, async_address_by, async_ways
from .person_data import new_person, others_of
from .phones import PERSON_DOMAIN, app_user
from .selects import choice
from .waiters import waiters_seen
from .zone_field import ZONE_SELECTOR, zone_of

CONF_MORE: Final = "more"

PERSON_SELECTOR: Final = EntitySelector(EntitySelectorConfig(domain=PERSON_DOMAIN))


class PersonFlow(ChannelSteps):
    """Add or change somebody of a team."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__()
        self._data = new_person()

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add somebody, by this form alone or with more."""
        errors: dict[str, str] = {}
        shared: list[str] = []
        if user_input is not None:
            try:
                shared = await self._async_begin(user_input)
            except FieldError as err:
                errors[err.field] = err.key
            else:
                if not shared:
                    if user_input.get(CONF_MORE):
                        return await self.async_step_about()
                    return await self.async_step_done()
                errors["base"] = "address_shared"
        ways = await async_ways(self.hass)
        fields: Fields = {
            vol.Optional(CONF_NAME): TEXT_SELECTOR,
            vol.Optional(CONF_PERSON_ENTITY): PERSON_SELECTOR,
        }
        if ways:
            default = next(iter(ways)) if len(ways) == 1 else vol.UNDEFINED
            fields[vol.Optional(CONF_VIA, default=default)] = choice(ways)
            fields[vol.Optional(CONF_NUMBER)] = TEXT_SELECTOR
        fields[vol.Required(CONF_MORE, default=False)] = BooleanSelector()
        return self._form("user", fields, user_input or {}, errors, shared)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user pick what to change of somebody."""
        subentry = self._get_reconfigure_subentry()
        self._name = subentry.title
        self._data = new_person(**subentry.data)
        self._channels = list(self._data[CONF_CHANNELS] or ())
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["about", "zone", "shift", "channels"],
            description_placeholders=placeholders(name=self._name),
        )

    async def async_step_about(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask who somebody is: here, in Home Assistant and at the till."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._identify(user_input)
            except FieldError as err:
                errors[err.field] = err.key
            else:
                self._data[CONF_ROLE] = user_input[CONF_ROLE]
                self._data[CONF_POS_WAITER] = entered_name(
                    {CONF_NAME: user_input.get(CONF_POS_WAITER)}
                )
                return await self._async_next(self.async_step_zone)
        fields: Fields = {
            vol.Optional(CONF_NAME): TEXT_SELECTOR,
            vol.Optional(CONF_PERSON_ENTITY): PERSON_SELECTOR,
            vol.Required(CONF_ROLE, default=Role.WAITER.value): SelectSelector(
                SelectSelectorConfig(
                    options=[role.value for role in Role], translation_key=CONF_ROLE
                )
            ),
            vol.Optional(CONF_POS_WAITER): choice(
                waiters_seen(self.hass, self._get_entry()), is_open=True
            ),
        }
        known = {**self._data, CONF_NAME: self._name}
        return self._form("about", fields, user_input or known, errors)

    async def async_step_zone(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which tables are somebody's."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._data[CONF_ZONE] = zone_of(user_input.get(CONF_ZONE) or {})
            except FieldError as err:
                errors[err.field] = err.key
                user_input = {}
            else:
                return await self._async_next(self.async_step_shift)
        fields: Fields = {vol.Optional(CONF_ZONE): ZONE_SELECTOR}
        return self._form("zone", fields, user_input or self._data, errors)

    async def async_step_shift(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what says whether somebody is on shift."""
        errors: dict[str, str] = {}
        if user_input is not None:
            entity_id = user_input.get(CONF_SHIFT_ENTITY)
            if error := self._wrong_shift(entity_id):
                errors[CONF_SHIFT_ENTITY] = error
            else:
                self._data[CONF_SHIFT_ENTITY] = entity_id
                return await self._async_next(self.async_step_channels)
        fields: Fields = {vol.Optional(CONF_SHIFT_ENTITY): EntitySelector()}
        return self._form("shift", fields, user_input or self._data, errors)

    @override
    async def async_step_done(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        data = {**self._data, CONF_CHANNELS: [dict(way) for way in self._channels]}
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=self._name, data=data)
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=self._name,
            data=data,
            # Named, so that the words are ours.
            reason="reconfigure_successful",
        )

    @override
    @callback
    def _others(self) -> list[Person]:
        own = (
            self._get_reconfigure_subentry().subentry_id
            if self.source == SOURCE_RECONFIGURE
            else None
        )
        return others_of(self._get_entry(), own)

    async def _async_next(self, step: Any) -> SubentryFlowResult:
        """Go on to the next question; a change of one thing is stored at once."""
        if self.source == SOURCE_RECONFIGURE:
            return await self.async_step_done()
        result: SubentryFlowResult = await step()
        return result

    async def _async_begin(self, user_input: Mapping[str, Any]) -> list[str]:
        """Take the first form; return who is reached there too where that was not said yet."""
        self._channels = []
        self._identify(user_input)
        address = await async_address_by(
            self.hass, user_input.get(CONF_VIA), user_input.get(CONF_NUMBER)
        )
        if address is None:
            return []
        shared = self._new_sharers(address)
        if not shared:
            self._channels.append(address)
        return shared

    @callback
    def _identify(self, user_input: Mapping[str, Any]) -> None:
        """Take a name and who it is in Home Assistant; raise a ``FieldError``.

        Who has no other way yet is reached by the app.
        """
        others = self._others()
        entity_id = user_input.get(CONF_PERSON_ENTITY)
        state = self.hass.states.get(entity_id) if entity_id else None
        if entity_id and state is None and entity_id != self._data[CONF_PERSON_ENTITY]:
            raise FieldError(CONF_PERSON_ENTITY, "entity_unknown")
        if entity_id and any(other.person_entity == entity_id for other in others):
            raise FieldError(CONF_PERSON_ENTITY, "person_known")
        name = entered_name(user_input) or (
            entered_name({CONF_NAME: state.name}) if state else None
        )
        if name is None:
            raise FieldError(CONF_NAME, "no_name")
        if any(folded(other.name) == folded(name) for other in others):
            raise FieldError(CONF_NAME, "name_known")
        self._name = name
        self._data[CONF_PERSON_ENTITY] = entity_id or None
        if (
            entity_id
            and not self._channels
            and (user := app_user(self.hass, entity_id))
        ):
            self._channels.extend(user.channels)

    @callback
    def _wrong_shift(self, entity_id: str | None) -> str | None:
        """Return what is wrong with an entity that is to say the shift."""
        if entity_id is None:
            return None
        registered = er.async_get(self.hass).async_get(entity_id)
        if registered is None:
            known = self.hass.states.get(entity_id) is not None
            return None if known else "entity_unknown"
        if self.source != SOURCE_RECONFIGURE:
            return None
        # It goes once something else says the shift.
        own = self._get_reconfigure_subentry().subentry_id
        return "own_switch" if registered.config_subentry_id == own else None

    def _form(
        self,
        step_id: str,
        fields: Fields,
        known: Mapping[str, Any],
        errors: dict[str, str],
        shared: list[str] | None = None,
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), known),
            description_placeholders=placeholders(
                name=self._name, others=", ".join(shared or ())
            ),
            errors=errors,
        )
