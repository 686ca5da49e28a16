"""A WhatsApp message as a push, and the answer out of it back to the chat."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.faults import Faults
from simulator.green_api import GreenApiService

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakeWhatsApp
from .conftest import Automate
from .phones import Phone
from .settle import settle

GUEST = "79821234567@c.us"
GROUP = "120363025246125244@g.us"


@pytest.fixture
async def whatsapp(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, its queue empty."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    return entry


async def test_an_answer_goes_back_to_the_chat_and_the_notification_goes(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    automate: Automate,
) -> None:
    phone, other = Phone(hass, "Manager"), Phone(hass, "Hostess")
    # Another automation for the same chat must not send the answer a second time.
    await automate("whatsapp_answer", phones=[phone.device_id, other.device_id])
    await automate("whatsapp_answer", phones=[])
    green_api.message(GUEST, "Есть столик на двоих?", name="Анна Гость")
    (push,) = await phone.wait(1)
    (shown,) = await other.wait(1)
    assert {**shown, "data": {**shown["data"], "actions": []}} == {
        **push,
        "data": {**push["data"], "actions": []},
    }
    assert push["title"] == "Анна Гость"
    assert push["message"] == "Есть столик на двоих?"
    (action,) = push["data"]["actions"]
    assert (action["title"], action["behavior"]) == ("Answer", "textInput")

    phone.answer(push, "Да, на 19:00")
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.chat_id, sent.text) == (GUEST, "Да, на 19:00")
    assert sent.quoted_message_id is None
    for one in (phone, other):
        assert (await one.wait(2))[1] == {
            "message": "clear_notification",
            "data": {"tag": push["data"]["tag"]},
        }
    await settle()
    assert len(await green_api.wait_for_sent(1)) == 1


@pytest.mark.parametrize(
    "text",
    ["+79821234567", "1.50", "None", "[1, 2]", "{{ 1 + 1 }}", "two\nlines 'n' \""],
)
async def test_texts_arrive_as_they_were_written(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    automate: Automate,
    text: str,
) -> None:
    phone = Phone(hass, "Manager")
    await automate("whatsapp_answer", phones=[phone.device_id], quote=True)
    message = green_api.message(GUEST, text)
    (push,) = await phone.wait(1)
    assert push["message"] == text
    phone.answer(push, text)
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.text, sent.quoted_message_id) == (text, message["idMessage"])


async def test_an_answer_that_was_not_sent_comes_back_and_can_be_tried_again(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    automate: Automate,
) -> None:
    phone = Phone(hass, "Manager")
    await automate("whatsapp_answer", phones=[phone.device_id], language="ru")
    green_api.message(GUEST, "Алло?")
    (push,) = await phone.wait(1)
    assert push["data"]["actions"][0]["title"] == "Ответить"
    green_api.faults.set(Faults(status=500))
    phone.answer(push, "Да")
    failed = (await phone.wait(2))[1]
    assert (failed["title"], failed["message"]) == ("Не отправлено", "Да")
    green_api.faults.clear()
    phone.answer(failed, "Да!")
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.chat_id, sent.text) == (GUEST, "Да!")


async def test_groups_only_where_wanted_and_what_is_no_text_by_its_kind(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    automate: Automate,
) -> None:
    phone, all_of_it = Phone(hass, "Manager"), Phone(hass, "Hostess")
    await automate("whatsapp_answer", phones=[phone.device_id])
    await automate("whatsapp_answer", phones=[all_of_it.device_id], groups=True)
    green_api.message(GROUP, "Всем привет", sender=GUEST)
    green_api.message(
        GUEST,
        "",
        data={
            "typeMessage": "imageMessage",
            "fileMessageData": {"downloadUrl": "https://example.com/1.jpg"},
        },
    )
    (image,) = await phone.wait(1)
    assert image["message"] == "[image]"
    group = (await all_of_it.wait(2))[0]
    assert group["message"] == "Всем привет"
    all_of_it.answer(group, "Здравствуйте")
    (sent,) = await green_api.wait_for_sent(1)
    assert sent.chat_id == GROUP
    assert len(phone.pushes) == 1


async def test_other_notifications_and_empty_answers_send_nothing(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    phone = Phone(hass, "Manager")
    await automate("whatsapp_answer", phones=[phone.device_id])
    green_api.message(GUEST, "Алло?")
    (push,) = await phone.wait(1)
    phone.answer(push, "  ")
    for data in ({}, {"action": None}, {"action": "OTHER", "reply_text": "x"}):
        hass.bus.async_fire("mobile_app_notification_action", data)
    phone.answer(push, "Да")
    (sent,) = await green_api.wait_for_sent(1)
    assert sent.text == "Да"
    assert "ERROR" not in {record.levelname for record in caplog.records}
