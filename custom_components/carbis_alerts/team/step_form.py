"""The form of a step: after how long who is notified, how, and how often."""

from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME, UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
import voluptuous as vol

from ..const import CONF_CHANNELS, CONF_CHAT_ID, CONF_ENTRY_ID
from ..domain.dispatch.step import (
    MAX_AFTER,
    MAX_REPEAT_EVERY,
    MAX_REPEATS,
    TO_MANAGERS,
    TO_SHIFT,
    TO_ZONE,
)
from ..domain.rules import AlertKind
from ..people import people_of
from ..runtime.naming import entry_name
from ..services.form import TEXT_SELECTOR, FieldError, entered_name
from ..services.options import Fields
from .accounts import messengers
from .channels.registry import CHANNELS
from .selects import choice
from .step_actions import SCENE, SCRIPT
from .steps import (
    CONF_ACTIONS,
    CONF_AFTER,
    CONF_GROUP,
    CONF_KINDS,
    CONF_ON_TAKEN,
    CONF_QUIET_FROM,
    CONF_QUIET_TO,
    CONF_REPEAT_EVERY,
    CONF_REPEATS,
    CONF_TO,
)

# What a new step is.
NEW: Final[dict[str, Any]] = {
    CONF_AFTER: 0,
    CONF_TO: [TO_ZONE],
    CONF_REPEAT_EVERY: 0,
    CONF_REPEATS: 1,
}

RUNS: Final = EntitySelector(
    EntitySelectorConfig(domain=[SCRIPT, SCENE], multiple=True)
)


class StepFlow(ConfigSubentryFlow):
    """Add or change a step of a team."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a step."""
        return self._ask("user", user_input, NEW)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a step."""
        subentry = self._get_reconfigure_subentry()
        known = {**NEW, **subentry.data, CONF_NAME: subentry.title}
        return self._ask("reconfigure", user_input, known)

    def _ask(
        self, step_id: str, user_input: dict[str, Any] | None, known: dict[str, Any]
    ) -> SubentryFlowResult:
        errors = {}
        if user_input is not None:
            try:
                name, data = _entered(user_input)
            except FieldError as err:
                errors[err.field] = err.key
            else:
                if step_id == "user":
                    return self.async_create_entry(title=name, data=data)
                return self.async_update_and_abort(
                    self._get_entry(),
                    self._get_reconfigure_subentry(),
                    title=name,
                    data=data,
                )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(self._fields()), user_input or known
            ),
            errors=errors,
        )

    def _fields(self) -> Fields:
        people = {
            person.person_id: person.name for person in people_of(self._get_entry())
        }
        return {
            vol.Required(CONF_NAME): TEXT_SELECTOR,
            vol.Required(CONF_AFTER): _seconds(MAX_AFTER),
            vol.Optional(CONF_TO): _several(
                {to: to for to in (TO_ZONE, TO_SHIFT, TO_MANAGERS)} | people, "step_to"
            ),
            vol.Optional(CONF_KINDS): _several(
                {kind.value: kind.value for kind in AlertKind}, "alert_kind"
            ),
            vol.Optional(CONF_CHANNELS): _several(
                {kind: kind for kind in CHANNELS}, "channel"
            ),
            vol.Required(CONF_REPEAT_EVERY): _seconds(MAX_REPEAT_EVERY),
            vol.Required(CONF_REPEATS): NumberSelector(
                NumberSelectorConfig(
                    min=1, max=MAX_REPEATS, mode=NumberSelectorMode.BOX
                )
            ),
            vol.Optional(CONF_QUIET_FROM): TimeSelector(),
            vol.Optional(CONF_QUIET_TO): TimeSelector(),
            vol.Optional(CONF_ACTIONS): RUNS,
            vol.Optional(CONF_ON_TAKEN): RUNS,
            vol.Required(CONF_GROUP): section(
                vol.Schema(
                    {
                        vol.Optional(CONF_ENTRY_ID): choice(
                            {
                                entry.entry_id: entry_name(self.hass, entry)
                                for entry in messengers(self.hass)
                            }
                        ),
                        vol.Optional(CONF_CHAT_ID): TEXT_SELECTOR,
                    }
                ),
                {"collapsed": True},
            ),
        }


def _entered(entered: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name and the data of a step; raise ``FieldError`` for what is none."""
    name = entered_name(entered)
    if not name:
        raise FieldError(CONF_NAME, "no_name")
    group = {
        key: value.strip()
        for key, value in (entered.get(CONF_GROUP) or {}).items()
        if value and value.strip()
    }
    if len(group) == 1:
        raise FieldError(CONF_GROUP, "group_incomplete")
    if bool(entered.get(CONF_QUIET_FROM)) != bool(entered.get(CONF_QUIET_TO)):
        raise FieldError(CONF_QUIET_TO, "quiet_incomplete")
    if not (entered.get(CONF_TO) or entered.get(CONF_ACTIONS) or group):
        raise FieldError(CONF_TO, "step_for_nobody")
    return name, {
        CONF_KINDS: entered.get(CONF_KINDS) or [],
        CONF_AFTER: int(entered[CONF_AFTER]),
        CONF_TO: entered.get(CONF_TO) or [],
        CONF_CHANNELS: entered.get(CONF_CHANNELS) or [],
        CONF_GROUP: group or None,
        CONF_ACTIONS: entered.get(CONF_ACTIONS) or [],
        CONF_ON_TAKEN: entered.get(CONF_ON_TAKEN) or [],
        CONF_REPEAT_EVERY: int(entered[CONF_REPEAT_EVERY]),
        CONF_REPEATS: int(entered[CONF_REPEATS]),
        CONF_QUIET_FROM: entered.get(CONF_QUIET_FROM),
        CONF_QUIET_TO: entered.get(CONF_QUIET_TO),
    }


def _seconds(most: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=0,
            max=most,
            unit_of_measurement=UnitOfTime.SECONDS,
            mode=NumberSelectorMode.BOX,
        )
    )


def _several(offered: dict[str, str], translation_key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=value, label=label)
                for value, label in offered.items()
            ],
            multiple=True,
            translation_key=translation_key,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
