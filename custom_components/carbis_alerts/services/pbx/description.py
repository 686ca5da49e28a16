"""The PBX: extensions that ring, over an event stream or a web hook."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_USERNAME,
    CONF_WEBHOOK_ID,
)
from homeassistant.core import HomeAssistant

from ...api.pbx.models import UNREAD
from ...const import (
    CONF_CALL_SCENARIO,
    CONF_DEVICE_ID,
    CONF_DEVICE_URL,
    CONF_EXTENSION_DIGITS,
    CONF_OWN_NUMBERS,
    CONF_TRANSPORT,
    SUBENTRY_CONTACT,
)
from ...domain.diagnosis import (
    Diagnosis,
    count,
    counts,
    flag,
    is_set,
    length,
    number,
    word,
)
from ...domain.events import PhoneEvent, Sms, Source
from ...domain.legs import CallState
from ..entities import (
    FORGOTTEN_TODAY,
    WAITING_SINCE,
    CarbisSensorDescription,
    Entities,
    counted_today,
    event_entities,
)
from ..service import Service
from .contact_form import ContactFlow
from .form import SSE, WEBHOOK, PbxForm
from .hook import async_remove_hook
from .hook_registry import async_hide, async_unregister
from .hook_requests import async_register
from .source import REPEAT_WINDOW, PbxSource


def _prepare(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Register the hook before anything comes to it."""
    for other in hass.config_entries.async_entries(entry.domain):
        # A PBX goes on sending to the hook of an entry that is disabled.
        if (webhook_id := other.data.get(CONF_WEBHOOK_ID)) is not None:
            async_hide(hass, webhook_id)
    if (webhook_id := entry.data.get(CONF_WEBHOOK_ID)) is not None:
        async_register(hass, webhook_id)


def _disabled(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take the hook away; over a reload it stays."""
    if (webhook_id := entry.data.get(CONF_WEBHOOK_ID)) is not None:
        async_unregister(hass, webhook_id)


async def _removed(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take the hook away, at the PBX too."""
    if CONF_WEBHOOK_ID in entry.data:
        await async_remove_hook(hass, entry.title, entry.data)


def _extension(source: PbxSource, key: str) -> str | None:
    """Return the extension of a device, None for the hub."""
    found = source.runtime.devices.all.get(key)
    return found.id if found else None


STATE: Final = CarbisSensorDescription[PbxSource](
    key="state",
    device_class=SensorDeviceClass.ENUM,
    options=list(CallState),
    holds_while_away=False,
    value=lambda source, key: source.calls.state(_extension(source, key)),
)

PBX: Final = Service[PbxSource](
    source=Source.PBX,
    manufacturer="SpRecord",
    model="MiniPBX",
    device_kind="extension",
    alert_entity=PhoneEvent.entity,
    repeat_window=REPEAT_WINDOW,
    create=PbxSource,
    form=PbxForm(),
    subentries={SUBENTRY_CONTACT: ContactFlow},
    diagnosis=Diagnosis(
        data={
            CONF_TRANSPORT: word(SSE, WEBHOOK),
            CONF_DEVICE_ID: is_set,
            CONF_DEVICE_URL: is_set,
            CONF_PASSWORD: is_set,
            CONF_TOKEN: is_set,
            CONF_USERNAME: is_set,
            CONF_WEBHOOK_ID: is_set,
        },
        options={
            CONF_CALL_SCENARIO: is_set,
            CONF_EXTENSION_DIGITS: count,
            CONF_OWN_NUMBERS: length,
        },
        source={
            "active_calls": count,
            "contacts": count,
            "startups": count,
            "connections": count,
            "line_age": number,
            "heartbeats": count,
            "patience": number,
            "device_known": flag,
            "unknown_devices": count,
            "ignored_devices": count,
            "unconfirmed_messages": count,
            "refused_messages": count,
            "ignored_messages": count,
            "turned_away_messages": count,
            "unread_bodies": counts(*UNREAD),
        },
    ),
    hub=Entities(
        events=event_entities(Source.PBX, PhoneEvent.entity, Sms.entity, hub=True),
        sensors=(
            STATE,
            CarbisSensorDescription(
                key="active_calls",
                state_class=SensorStateClass.MEASUREMENT,
                holds_while_away=False,
                value=lambda source, _: len(source.calls.active),
            ),
            counted_today("missed_calls_today"),
            CarbisSensorDescription(
                key="last_caller", value=lambda source, _: source.last_caller
            ),
            FORGOTTEN_TODAY,
            WAITING_SINCE,
        ),
    ),
    devices=Entities(
        events=event_entities(Source.PBX, PhoneEvent.entity, hub=False),
        sensors=(
            STATE,
            CarbisSensorDescription(
                key="caller",
                holds_while_away=False,
                value=lambda source, key: source.caller(_extension(source, key) or ""),
            ),
        ),
    ),
    prepare=_prepare,
    disabled=_disabled,
    removed=_removed,
)
