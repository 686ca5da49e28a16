"""What the logbook says of a team: one sentence for each thing that no other line says."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.logbook import async_log_entry
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.recorder import get_instance

from ..const import DISPATCH_EVENT, DOMAIN
from ..domain.lifecycle import DispatchAction
from ..people import DEVICE_PREFIX
from ..runtime.devices import HUB
from .dispatch_events import DISPATCH_KEY, DISPATCHED
from .switch import ON_SHIFT

# The line of the alert says that somebody has it; the rest nobody needs to read.
WITHOUT_LINE: Final = frozenset(
    {DispatchAction.ANSWERED, DispatchAction.CONFIRMED, DispatchAction.WITHDRAWN}
)
SHIFT: Final = frozenset({DispatchAction.SHIFT_STARTED, DispatchAction.SHIFT_ENDED})
# By the language, less whom they are about; where it is an alert, a person stands behind.
DISPATCH_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        DispatchAction.SENT: "message sent",
        DispatchAction.FAILED: "message not sent",
        DispatchAction.DECLINED: "declined",
        DispatchAction.UNREACHED: "nobody answered",
        DispatchAction.SHIFT_STARTED: "shift started",
        DispatchAction.SHIFT_ENDED: "shift ended",
    },
    "ru": {
        DispatchAction.SENT: "сообщение отправлено",
        DispatchAction.FAILED: "сообщение не отправлено",
        DispatchAction.DECLINED: "отказ",
        DispatchAction.UNREACHED: "никто не ответил",
        DispatchAction.SHIFT_STARTED: "начало смены",
        DispatchAction.SHIFT_ENDED: "конец смены",
    },
}


@callback
def async_write_dispatch(hass: HomeAssistant) -> None:
    """Write from now on what is sent to people, and who comes and goes."""

    @callback
    def write(data: dict[str, Any], context: Context | None) -> None:
        sentences = DISPATCH_SENTENCES.get(
            hass.config.language, DISPATCH_SENTENCES["en"]
        )
        if (sentence := sentences.get(data["action"])) is None or (
            # Whoever keeps these events out of the database keeps the lines out too.
            DISPATCH_EVENT in get_instance(hass).exclude_event_types
        ):
            return
        if data["action"] in SHIFT and _entity_of(
            hass, data, Platform.SWITCH, _device_key(data), ON_SHIFT.key
        ):
            # The switch has a line of its own.
            return
        person = data["person"]
        who = data["name"] or person or ""
        if data["name"] and person:
            sentence = f"{sentence}, {person}"
        async_log_entry(
            hass,
            who,
            f"{who}: {sentence}",
            domain=DOMAIN,
            entity_id=data["entity_id"]
            or _entity_of(hass, data, Platform.EVENT, HUB, DISPATCH_KEY),
            context=context,
        )

    async_dispatcher_connect(hass, DISPATCHED, write)


def _device_key(data: Mapping[str, Any]) -> str:
    """Return the key of the device of a person."""
    return f"{DEVICE_PREFIX}{data['person_id']}"


def _entity_of(
    hass: HomeAssistant, data: Mapping[str, Any], domain: str, key: str, entity_key: str
) -> str | None:
    """Return an entity of the team that an event is of."""
    unique_id = f"{data['team_entry_id']}_{key}_{entity_key}"
    return er.async_get(hass).async_get_entity_id(domain, DOMAIN, unique_id)
