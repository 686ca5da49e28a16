"""GREEN-API: a messenger's account whose chats are written to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
import re
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import CONF_TOKEN

from ...api.green_api import MESSENGERS, STATES, WHATSAPP, Messenger
from ...const import (
    ANSWERS_ANY,
    ANSWERS_NOT_AUTOMATIC,
    CONF_ANSWERS,
    CONF_INSTANCE_ID,
    CONF_MESSENGER,
    SUBENTRY_CHAT,
)
from ...domain.diagnosis import (
    WINDOWS,
    Diagnosis,
    count,
    flag,
    is_set,
    moment,
    nested,
    word,
)
from ...domain.events import MessengerCall, MessengerEvent, Source
from ...domain.rules import AlertKind
from ..entities import (
    FORGOTTEN_TODAY,
    WAITING_SINCE,
    CarbisSensorDescription,
    Entities,
    answer_time,
    counted_today,
    event_entities,
)
from ..service import Service
from .chat_form import ChatFlow
from .form import GreenApiForm
from .lists import ListState
from .messenger import async_take_by_instance, messenger_in
from .source import REPEAT_WINDOW, GreenApiSource

# The account's states in Home Assistant's spelling: ``sleepMode`` is ``sleep_mode``.
ACCOUNT_STATES: Final = {
    state: re.sub("(?=[A-Z])", "_", state).lower() for state in STATES
}


def _account_state(source: GreenApiSource, _: str) -> str | None:
    """Return the account's state."""
    state = source.account.state
    return None if state is None else ACCOUNT_STATES.get(state, "other")


def _restriction(source: GreenApiSource) -> dict[str, datetime | None]:
    """Return until when the messenger restricts the account, where that is known."""
    return {"restricted_until": source.account.restricted_until}


def _hub(messenger: Messenger) -> Entities[GreenApiSource]:
    """Return the entities of an account's hub.

    A messenger that reports no calls has their entity all the same, off at first: an
    account that was taken for another's keeps it.
    """
    messages, calls = event_entities(
        Source.GREEN_API,
        MessengerEvent.entity,
        MessengerCall.entity,
        hub=True,
        # Another name than that of the PBX's calls.
        names={
            MessengerCall.entity: (
                "whatsapp_calls" if messenger.has_calls else "messenger_calls"
            )
        },
    )
    return Entities(
        events=(
            replace(messages, icon=messenger.icon),
            replace(calls, entity_registry_enabled_default=messenger.has_calls),
        ),
        sensors=(
            CarbisSensorDescription(
                key="account_state",
                device_class=SensorDeviceClass.ENUM,
                options=[*ACCOUNT_STATES.values(), "other"],
                value=_account_state,
                attributes=_restriction,
            ),
            counted_today("messages_today"),
            answer_time(AlertKind.MESSAGE),
            FORGOTTEN_TODAY,
            WAITING_SINCE,
        ),
    )


def _variant(data: Mapping[str, Any]) -> Service[GreenApiSource]:
    """Return the service as the messenger of an entry has it."""
    return VARIANTS[messenger_in(data).name]


GREEN_API: Final = Service[GreenApiSource](
    source=Source.GREEN_API,
    manufacturer="GREEN-API",
    model=WHATSAPP.title,
    device_kind="chat",
    alert_entity=MessengerEvent.entity,
    repeat_window=REPEAT_WINDOW,
    create=GreenApiSource,
    form=GreenApiForm(),
    subentries={SUBENTRY_CHAT: ChatFlow},
    diagnosis=Diagnosis(
        data={
            CONF_INSTANCE_ID: is_set,
            CONF_TOKEN: is_set,
            CONF_MESSENGER: word(*MESSENGERS),
        },
        options={CONF_ANSWERS: word(ANSWERS_ANY, ANSWERS_NOT_AUTOMATIC)},
        source={
            "account_state": word(*STATES),
            "queue_shared": flag,
            "messenger": word(*MESSENGERS),
            "queue_length": count,
            "lists": nested(
                {
                    "state": word(*ListState),
                    "last_look": moment,
                    "listed": count,
                    "found": count,
                }
            ),
            "late": flag,
            "gaps": WINDOWS,
        },
    ),
    hub=_hub(WHATSAPP),
    devices=Entities(
        events=event_entities(Source.GREEN_API, MessengerEvent.entity, hub=False),
    ),
    variant=_variant,
    prepare=async_take_by_instance,
)
VARIANTS: Final = {
    messenger.name: replace(GREEN_API, model=messenger.title, hub=_hub(messenger))
    for messenger in MESSENGERS.values()
}
"""The service by the name of the messenger."""
