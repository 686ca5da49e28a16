"""Set up and change a team in the UI: its name, what it serves, and who is ticked."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..const import CONF_ENTRIES, CONF_PEOPLE, CONF_SERVICE, TEAM
from ..domain.shown import placeholders
from ..entries import service_entries, team_entries
from ..people import people_of
from ..runtime.naming import entry_name
from ..services.form import TEXT_SELECTOR, entered_name
from .person_data import ticked
from .phones import AppUser, app_users
from .selects import several
from .steps import default_steps
from .words import async_options, async_team_word

# The label of a service that was removed while a team names it.
GONE: Final = "gone"


class TeamSteps(ConfigFlow):
    """The steps about a team."""

    async def async_step_team(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a team."""
        return await self.async_team_form(TEAM, None, user_input)

    async def async_team_form(
        self,
        step_id: str,
        team: ConfigEntry | None,
        user_input: dict[str, Any] | None,
    ) -> ConfigFlowResult:
        """Show the form, and take what was entered."""
        errors: dict[str, str] = {}
        if user_input is not None:
            entries = user_input.get(CONF_ENTRIES, [])
            if _is_taken(self.hass, entries, team):
                return self.async_abort(reason="already_configured")
            known = set(_known(team))
            users = {user.entity_id: user for user in app_users(self.hass)}
            wanted = [
                person
                for person in user_input.get(CONF_PEOPLE, [])
                if person not in known
            ]
            if not _are_there(self.hass, entries, team):
                errors[CONF_ENTRIES] = "entry_unknown"
            if any(person not in users for person in wanted):
                errors[CONF_PEOPLE] = "no_app"
            if not errors:
                chosen = [users[person] for person in wanted]
                name = entered_name(user_input)
                if team is None:
                    return await self._async_create_team(name, entries, chosen)
                return self._async_change_team(team, name, entries, chosen)
        suggested = user_input or (
            {CONF_NAME: team.title, CONF_ENTRIES: team.data.get(CONF_ENTRIES, [])}
            if team
            else {}
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                await _async_fields(self.hass, team), suggested
            ),
            description_placeholders=placeholders(title=team.title if team else ""),
            errors=errors,
        )

    async def _async_create_team(
        self, name: str | None, entries: list[str], users: list[AppUser]
    ) -> ConfigFlowResult:
        return self.async_create_entry(
            title=name or await async_team_word(self.hass),
            data={CONF_SERVICE: TEAM, CONF_ENTRIES: entries},
            subentries=[
                *ticked(users, ()),
                *default_steps(self.hass.config.language),
            ],
        )

    @callback
    def _async_change_team(
        self,
        team: ConfigEntry,
        name: str | None,
        entries: list[str],
        users: list[AppUser],
    ) -> ConfigFlowResult:
        """Change a team; who is ticked comes to it, and nobody goes."""
        for made in ticked(users, [person.name for person in people_of(team)]):
            self.hass.config_entries.async_add_subentry(
                team,
                ConfigSubentry(
                    data=MappingProxyType(made["data"]),
                    subentry_type=made["subentry_type"],
                    title=made["title"],
                    unique_id=None,
                ),
            )
        return self.async_update_and_abort(
            team,
            title=name or team.title,
            data={**team.data, CONF_ENTRIES: entries},
            # Named, so that the words are ours and not Home Assistant's general ones.
            reason="reconfigure_successful",
        )


async def _async_fields(hass: HomeAssistant, team: ConfigEntry | None) -> vol.Schema:
    """Return the fields with what can be chosen: no service of another team, nobody twice."""
    taken = {entry_id for other in _others(hass, team) for entry_id in _named(other)}
    services = {
        entry.entry_id: entry_name(hass, entry)
        for entry in service_entries(hass)
        if entry.entry_id not in taken
    }
    if team is not None and (gone := {*_named(team)} - services.keys()):
        # One that is not shown could not be kept, and a team of none serves all.
        words = await async_options(hass, CONF_ENTRIES)
        services |= dict.fromkeys(sorted(gone), words[GONE])
    known = _known(team)
    people = {
        user.entity_id: f"{user.name} ({', '.join(phone.name for phone in user.phones)})"
        for user in app_users(hass)
        if user.entity_id not in known
    }
    return vol.Schema(
        {
            vol.Optional(CONF_NAME): TEXT_SELECTOR,
            vol.Optional(CONF_ENTRIES, default=list): several(services),
            vol.Optional(CONF_PEOPLE, default=list): several(people),
        }
    )


@callback
def _others(hass: HomeAssistant, team: ConfigEntry | None) -> list[ConfigEntry]:
    return [other for other in team_entries(hass) if other is not team]


def _named(team: ConfigEntry) -> Collection[str]:
    entries: Collection[str] = team.data.get(CONF_ENTRIES, ())
    return entries


@callback
def _is_taken(
    hass: HomeAssistant, entries: list[str], team: ConfigEntry | None
) -> bool:
    """Return whether another team serves one of these; none at all is all that is left."""
    others = _others(hass, team)
    if not entries:
        return any(not _named(other) for other in others)
    return any(entry_id in _named(other) for other in others for entry_id in entries)


@callback
def _are_there(
    hass: HomeAssistant, entries: list[str], team: ConfigEntry | None
) -> bool:
    known = {entry.entry_id for entry in service_entries(hass)}
    return {*entries} <= known | {*(_named(team) if team else ())}


def _known(team: ConfigEntry | None) -> list[str]:
    """Return Home Assistant's people who are in a team already."""
    return [
        person.person_entity
        for person in (people_of(team) if team else ())
        if person.person_entity is not None
    ]
