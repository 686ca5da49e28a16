"""Half a character from a template or a program reaches no state, event, file or service."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import ALERT_EVENT, DOMAIN, EVENT
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..alerts import act, table_calls
from ..conftest import Recorder
from ..flows import begin
from ..helpers import wait_until
from ..services.conftest import (
    MakePbx,
    MakeWhatsApp,
    green_api,
    make_pbx,
    make_whatsapp,
    pbx,
)

__all__ = ["green_api", "make_pbx", "make_whatsapp", "pbx"]

HALF = "Зал \ud83d"
WHOLE = "Зал \ufffd"
GUEST = "79821234567@c.us"

type Check = Callable[[], None]


def written(value: object) -> bytes:
    """Return something as JSON; raise for half a character."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


@pytest.fixture
def check(hass: HomeAssistant, hass_storage: dict[str, Any]) -> Check:
    """Return what raises where anything of ours cannot be written."""
    seen: list[Any] = []

    @callback
    def listen(event: Event[Any]) -> None:
        seen.append(event.data)

    for kind in (EVENT, ALERT_EVENT):
        hass.bus.async_listen(kind, listen)

    def look() -> None:
        assert written(seen)
        for state in hass.states.async_all():
            assert written(state.as_dict())
        for key, content in hass_storage.items():
            assert written(content), key
        for entry in hass.config_entries.async_entries(DOMAIN):
            assert written(entry.as_dict())

    return look


async def test_alerts_that_people_raise_and_take(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    check: Check,
) -> None:
    await table_calls(qr_menu, alerts, "6")
    answer = await act(
        hass, "raise_alert", entry_id=entry.entry_id, table="6", text=HALF
    )
    taken = await act(hass, "acknowledge", alert_id=answer["alert_id"], by=HALF)
    assert taken["alerts"][0]["by"] == WHOLE
    assert taken["alerts"][0]["text"] == WHOLE
    for table in (HALF, "6\ud83d"):
        with pytest.raises(ServiceValidationError) as caught:
            await act(hass, "raise_alert", entry_id=entry.entry_id, table=table)
        assert orjson.dumps(caught.value.translation_placeholders)
    with pytest.raises(ServiceValidationError):
        await act(hass, "acknowledge", alert_id=HALF)
    (todo,) = hass.states.async_entity_ids("todo")
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "todo", "add_item", {"entity_id": todo, "item": HALF}, blocking=True
        )
    await hass.async_block_till_done()
    check()


async def test_what_is_sent(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    check: Check,
) -> None:
    entry = make_whatsapp(green_api, {"Анна": GUEST})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    await act(
        hass,
        "send_message",
        entry_id=entry.entry_id,
        chat_id=GUEST,
        message=HALF,
        quoted_message_id="A\udc00",
    )
    (notify,) = hass.states.async_entity_ids("notify")
    data = {"entity_id": notify, "message": HALF, "title": "\ude00"}
    await hass.services.async_call("notify", "send_message", data, blocking=True)
    one, other = green_api.sent
    assert (one.text, one.quoted_message_id) == (WHOLE, "A\ufffd")
    assert other.text == f"*\ufffd*\n{WHOLE}"
    with pytest.raises(ServiceValidationError):
        await act(
            hass, "send_message", entry_id=entry.entry_id, phone=HALF, message="x"
        )
    check()


async def test_what_is_entered_in_forms(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    check: Check,
) -> None:
    assert await async_setup_component(hass, "config", {})
    phones, chats = make_pbx(pbx), make_whatsapp(green_api)
    for entry, kind, data in (
        (phones, "contact", {"number": "+79821234567", "vip": False}),
        (chats, "chat", {"chat_id": GUEST}),
    ):
        if entry.state is not ConfigEntryState.LOADED:
            assert await hass.config_entries.async_setup(entry.entry_id)
        flows = hass.config_entries.subentries
        shown = await flows.async_init(
            (entry.entry_id, kind), context={"source": SOURCE_USER}
        )
        # Home Assistant's own API lets no half through.
        client = await hass_client()
        answer = await client.post(
            f"/api/config/config_entries/subentries/flow/{shown['flow_id']}",
            data=b'{"name": "\\ud83d"}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status == 400
        result = await flows.async_configure(shown["flow_id"], {"name": HALF, **data})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert [subentry.title for subentry in entry.subentries.values()] == [WHOLE]
        await hass.async_block_till_done()
    for service, data in (
        ("qr_menu", {"url": f"http://{HALF}", "token": HALF}),
        ("pbx", {"url": pbx.url + "/\ud83d", "transport": "sse", "username": HALF}),
        ("green_api", {"url": green_api.url, "instance_id": HALF, "token": HALF}),
    ):
        shown = await begin(hass, service)
        tried = await hass.config_entries.flow.async_configure(shown["flow_id"], data)
        assert tried["type"] in (FlowResultType.FORM, FlowResultType.CREATE_ENTRY)
    await hass.async_block_till_done()
    check()
