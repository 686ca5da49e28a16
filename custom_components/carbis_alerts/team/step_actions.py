"""Scripts and scenes of a step: a lamp, speech, whatever the site has."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_ON
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.exceptions import HomeAssistantError
import voluptuous as vol

from ..domain.lifecycle import DispatchAction
from ..services.sending import async_words
from .channels.channel import ChannelError
from .dispatch_events import fire
from .runtime import TeamRuntime

KIND: Final = "actions"
SCRIPT: Final = "script"
SCENE: Final = "scene"


@callback
def run_actions(
    team: TeamRuntime,
    entity_ids: Iterable[str],
    alert: Mapping[str, Any],
    *,
    step: str,
    attempt: int,
) -> None:
    """Start scripts and scenes with what waits, given as on the bus; wait for none."""
    for entity_id in entity_ids:
        _ = team.entry.async_create_background_task(
            team.hass,
            _async_run(team, entity_id, dict(alert), step, attempt),
            "Run an action of a step",
        )


async def _async_run(
    team: TeamRuntime, entity_id: str, alert: dict[str, Any], step: str, attempt: int
) -> None:
    """Start one of them; what fails says so, and keeps nothing from anybody."""
    error = None
    try:
        await _async_start(team.hass, entity_id, alert, step)
    except ChannelError as err:
        error = await async_words(team.hass, err.key, err.translation_placeholders)
    fire(
        team.hass,
        team,
        DispatchAction.FAILED if error else DispatchAction.SENT,
        alert=alert,
        channel=KIND,
        step=step,
        attempt=attempt,
        error=error,
    )


async def _async_start(
    hass: HomeAssistant, entity_id: str, alert: dict[str, Any], step: str
) -> None:
    domain, _ = split_entity_id(entity_id)
    if domain not in (SCRIPT, SCENE) or hass.states.get(entity_id) is None:
        raise ChannelError("action_gone", entity=entity_id)
    data: dict[str, Any] = {ATTR_ENTITY_ID: entity_id}
    if domain == SCRIPT:
        # It goes on by itself, for as long as it wants.
        data["variables"] = {"alert": alert, "step": step, "name": alert["name"]}
    try:
        await hass.services.async_call(domain, SERVICE_TURN_ON, data, blocking=True)
    except (HomeAssistantError, vol.Invalid) as err:
        raise ChannelError("channel_refused", reason=err) from err
