"""The missed call: a push that calls back or answers through WhatsApp."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.green_api import GreenApiService
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import wait_until
from .conftest import Automate, MakePhone

ANNA = "+79821234567"
CLEAR = "clear_notification"


async def test_a_push_calls_back_and_goes_after_the_talk(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    phone: MakePhone,
) -> None:
    host = phone("Host")
    await automate("missed_call", phones=[host.device_id])
    pbx.miss(pbx.ring(ANNA, "107"))
    await wait_until(lambda: len(host.calls) == 1)
    assert host.messages == [f"Called: {ANNA}"]
    assert host.last["title"] == "Missed call"
    assert host.last["data"]["actions"] == [
        {"action": "URI", "title": "Call back", "uri": f"tel:{ANNA}"}
    ]
    tag = host.last["data"]["tag"]
    # Another form of the same number is the same guest.
    pbx.miss(pbx.ring("89821234567", "107"))
    await wait_until(lambda: len(host.calls) == 2)
    assert host.last["data"]["actions"][0]["uri"] == "tel:89821234567"
    assert host.last["data"]["tag"] == tag

    pbx.answer(pbx.dial("107", ANNA))
    await wait_until(lambda: len(host.calls) == 3)
    assert (host.messages[2], host.last["data"]["tag"]) == (CLEAR, tag)


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "Hello! We missed your call. How can we help?"),
        (
            {"language": "ru"},
            "Здравствуйте! Мы не успели ответить на ваш звонок. Чем можем помочь?",
        ),
        ({"answer_text": "We will call you."}, "We will call you."),
    ],
)
async def test_an_answer_through_whatsapp_takes_the_call(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    green_api: GreenApiService,
    make_whatsapp: Any,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
    inputs: dict[str, Any],
    text: str,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await green_api.wait_for_readers(1)
    host, bar = phone("Host"), phone("Bar")
    await automate(
        "missed_call",
        phones=[host.device_id, bar.device_id],
        whatsapp=whatsapp.entry_id,
        **inputs,
    )
    pbx.miss(pbx.ring("89821234567", "107"))
    await wait_until(lambda: len(bar.calls) == 1)
    host.tap(1)
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.chat_id, sent.text) == ("79821234567@c.us", text)
    await wait_until(lambda: bar.messages[-1] == CLEAR)
    assert (alerts.data[-1]["action"], alerts.data[-1]["by"]) == (
        "acknowledged",
        "Host",
    )


async def test_anonymous_calls_are_each_their_own_and_call_nobody_back(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
    phone: MakePhone,
) -> None:
    host = phone("Host")
    await automate(
        "missed_call", phones=[host.device_id], whatsapp="any", language="ru"
    )
    for _ in range(2):
        pbx.miss(pbx.ring("", "107"))
    await wait_until(lambda: len(host.calls) == 2)
    assert host.messages == ["Звонил: Неизвестный номер"] * 2
    tags = [call.data["data"]["tag"] for call in host.calls]
    assert tags[0] != tags[1]
    assert host.last["data"]["actions"] == []
    (opened, _) = await alerts.wait(2)
    await hass.services.async_call(
        "carbis_alerts", "acknowledge", {"alert_id": opened["alert_id"]}, blocking=True
    )
    await wait_until(lambda: len(host.calls) == 3)
    assert (host.messages[2], host.last["data"]["tag"]) == (CLEAR, tags[0])


async def test_names_vips_and_a_text_of_ones_own(
    hass: HomeAssistant,
    pbx: PbxService,
    make_pbx: Any,
    automate: Automate,
    phone: MakePhone,
) -> None:
    entry = make_pbx(pbx, contacts=({"name": "Anna", "number": ANNA, "vip": True},))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await pbx.wait_for_streams(1)
    host, owner = phone("Host"), phone("Owner")
    await automate("missed_call")
    await automate(
        "missed_call",
        phones=[host.device_id],
        message="{{ call.caller_name }}, {{ call.extension }}",
    )
    await automate("missed_call", phones=[owner.device_id], vip_only=True)
    pbx.miss(pbx.ring(ANNA, "107"))
    pbx.miss(pbx.ring("+79990000000", "107"))
    await wait_until(lambda: len(host.calls) == 2)
    assert host.messages[0] == "Anna, 107"
    await hass.async_block_till_done()
    assert owner.messages == [f"Called: Anna ({ANNA})"]


async def test_a_number_keeps_its_plus_in_a_text_that_is_nothing_else(
    hass: HomeAssistant,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    phone: MakePhone,
) -> None:
    host = phone("Host")
    await automate("missed_call", phones=[host.device_id], message="{{ call.caller }}")
    pbx.miss(pbx.ring(ANNA, "107"))
    await wait_until(lambda: len(host.calls) == 1)
    assert ANNA in host.last["message"]
