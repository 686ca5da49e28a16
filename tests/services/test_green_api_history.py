"""What the queue lost: the service's own list is held against what was published."""

import asyncio
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.green_api import GreenApiHistory
from custom_components.carbis_alerts.const import CONF_FINGERPRINT, CONF_SERVICE, DOMAIN
from custom_components.carbis_alerts.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.carbis_alerts.domain.known_messages import KnownMessages
from custom_components.carbis_alerts.domain.short_ids import short_id
from custom_components.carbis_alerts.services.green_api.publishing import Publishing
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_history import listed
from simulator.service import PATIENCE

from ..conftest import Recorder
from ..helpers import state_of, wait_for_state, wait_until
from ..sites import ENTRY_ID, Disk, Life, life_with
from ..timings import timed
from .conftest import MakeWhatsApp, all_messengers, each_messenger
from .steps import BEFORE_THE_BUS, ENDS, Step, after, raising, steps_of_all
from .test_green_api_delivery import key_of

CONNECTION = "binary_sensor.whatsapp_4567_connection"
GUEST = "79821234567@c.us"
STRANGER = "79990000000@c.us"
DAY = 24 * 60 * 60
LISTS = "lastIncomingMessages"

type Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _quick_lists() -> Generator[None]:
    """Look many times a second."""
    with timed(
        look_after=0.0,
        look_settled=0.0,
        look_again=0.02,
        look_interval=0.02,
        look_retry=0.02,
        look_spacing=0.0,
        write_interval=0.02,
    ):
        yield


def asked(service: GreenApiService) -> int:
    """Return how often the list was asked for."""
    return sum(name == LISTS for name, _ in service.history.asked)


async def looked(service: GreenApiService, count: int = 2) -> None:
    """Wait for so many more looks: the one before the last is over then."""
    least = asked(service) + count
    await service.wait_until(lambda: asked(service) >= least)


async def start(
    hass: HomeAssistant, entry: MockConfigEntry, service: GreenApiService
) -> None:
    """Set up an entry, and wait until it has looked for the first time."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await wait_until(lambda: not entry.runtime_data.source._late)
    await looked(service)


@pytest.fixture
async def entry(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> MockConfigEntry:
    """Return a loaded entry with one chat, whose list was looked at."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    await start(hass, entry, green_api)
    return entry


def lose(
    service: GreenApiService, text: str, chat: str = GUEST, *, ago: int = 0, **of: Any
) -> Body:
    """Let a guest write what the queue loses, so many seconds ago."""
    service.drop_next()
    body = service.message(chat, text, "Анна Гость", **of)
    service.history.incoming[-1]["timestamp"] -= ago
    body["timestamp"] -= ago
    return body


async def diagnosed(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return the diagnostics."""
    return await async_get_config_entry_diagnostics(hass, entry)


# Found


@all_messengers
async def test_what_the_queue_lost_is_published_late_once_and_as_it_would_have_been(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    green_api.message(GUEST, "Есть столик?", "Анна Гость")
    (queued,) = await bus.wait(1)
    lost = lose(green_api, "Есть столик?")
    found = (await bus.wait(2))[1]
    await looked(green_api, 3)
    assert len(bus.events) == 2
    changed = {name for name in queued if found[name] != queued[name]}
    assert changed - {"time"} == {"event_id", "message_id", "late"}
    assert (found["event_id"], found["late"]) == (key_of(lost), True)
    assert [alert["action"] for alert in await alerts.wait(2)] == ["opened", "repeated"]
    assert alerts.data[1]["late"] is True


@each_messenger
async def test_what_was_lost_opens_an_alert_with_its_age(
    green_api: GreenApiService, entry: MockConfigEntry, alerts: Recorder, bus: Recorder
) -> None:
    # The entry has been there for a day.
    entry.runtime_data.source.reconciliation._beginning.at -= timedelta(days=1)
    lost = lose(green_api, "Есть столик?", ago=600)
    (opened,) = await alerts.wait(1)
    assert opened["action"] == "opened"
    assert 600 <= opened["age"] < 660
    assert bus.data[0]["event_id"] == key_of(lost)


@each_messenger
async def test_several_are_published_in_their_order(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder
) -> None:
    sent = [
        lose(green_api, str(index), (GUEST, STRANGER)[index % 2]) for index in range(20)
    ]
    await bus.wait(20)
    await looked(green_api, 3)
    assert [data["text"] for data in bus.data] == [str(index) for index in range(20)]
    assert bus.ids == [key_of(body) for body in sent]


@all_messengers
async def test_of_a_group_it_is_published_and_opens_nothing(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    is_whatsapp = green_api.messenger.name == "whatsapp"
    lose(
        green_api,
        "Кто завтра?",
        "120363043968066561@g.us" if is_whatsapp else "-10000000",
        sender=GUEST,
    )
    (found,) = await bus.wait(1)
    assert (found["type"], found["text"]) == ("message", "Кто завтра?")
    await looked(green_api)
    assert alerts.events == []


@pytest.mark.parametrize("green_api", ["telegram"], indirect=True)
async def test_a_group_that_became_a_supergroup_is_another_chat_and_opens_nothing(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    for chat in ("-4100000001", "-1001234567890"):
        green_api.message(chat, "queued", sender=GUEST)
        lose(green_api, "lost", chat, sender=GUEST)
    await bus.wait(4)
    await looked(green_api)
    assert len(set(bus.ids)) == len(bus.ids) == 4
    assert alerts.events == []


# Not found


@each_messenger
async def test_nothing_of_before_the_entry_is_published(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    for ago in (2 * DAY, DAY - 60, 3600, 60):
        lose(green_api, "before", ago=ago)
    late = listed(lose(green_api, "before, and listed late", ago=30))
    green_api.history.incoming.pop()
    entry = make_whatsapp(green_api)
    await start(hass, entry, green_api)
    green_api.history.incoming.append(late)
    await looked(green_api, 3)
    assert bus.events == []
    # Nor after a start, though more is asked for then.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await looked(green_api, 3)
    lost = lose(green_api, "after")
    assert [data["event_id"] for data in await bus.wait(1)] == [key_of(lost)]


@each_messenger
async def test_what_was_lost_before_the_first_look_is_found_by_it(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    lose(green_api, "before", ago=60)
    entry = make_whatsapp(green_api)
    with timed(look_after=600.0):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_for_state(hass, CONNECTION, "on")
        await wait_until(lambda: entry.runtime_data.journal.is_initialized)
    lost = lose(green_api, "after")
    assert asked(green_api) == 0
    entry.runtime_data.source.reconciliation.async_interrupted()
    await bus.wait(1)
    await looked(green_api)
    assert bus.ids == [key_of(lost)]
    assert [alert["action"] for alert in alerts.data] == ["opened"]


@each_messenger
async def test_what_comes_by_the_queue_is_not_taken_for_lost(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for index in range(50):
        green_api.message(GUEST, str(index))
        await asyncio.sleep(0.01)
    await bus.wait(50)
    await looked(green_api, 3)
    assert [data["late"] for data in bus.data] == [False] * 50


@each_messenger
async def test_changes_and_what_was_deleted_are_not_published(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder
) -> None:
    for data in (
        {"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "👍"}},
        {"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "b"}},
    ):
        lose(green_api, "", data=data)
    lose(green_api, "deleted")
    green_api.history.incoming[-1]["isDeleted"] = True
    await looked(green_api, 3)
    assert bus.events == []


# Once


@all_messengers
async def test_what_was_found_and_then_comes_by_the_queue_is_not_published_again(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    lost = lose(green_api, "Есть столик?")
    await bus.wait(1)
    green_api.push(lost)
    await green_api.wait_until_empty()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    # Longer ago than the journal knows.
    entry.runtime_data.journal._seen.clear()
    green_api.push(lost)
    await green_api.wait_until_empty()
    await looked(green_api, 3)
    green_api.message(GUEST, "next")
    await bus.wait(2)
    assert [data["text"] for data in bus.data] == ["Есть столик?", "next"]


@each_messenger
async def test_what_the_queue_brought_is_known_however_long_ago(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    green_api.message(GUEST, "a")
    await bus.wait(1)
    await green_api.wait_until_empty()
    assert await hass.config_entries.async_unload(entry.entry_id)
    lost = lose(green_api, "b")
    assert await hass.config_entries.async_setup(entry.entry_id)
    entry.runtime_data.journal._seen.clear()
    await bus.wait(2)
    await looked(green_api, 3)
    assert [data["text"] for data in bus.data] == ["a", "b"]
    assert bus.ids[1] == key_of(lost)


@all_messengers
async def test_with_other_fields_in_the_list_it_is_the_same_message(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder
) -> None:
    def otherwise(item: Body) -> None:
        item |= {"senderName": "", "typeMessage": "extendedTextMessage"}
        item["timestamp"] += 3
        if green_api.messenger.name == "whatsapp":
            item["chatId"] = item["senderId"] = "155508384251501@lid"
        else:
            item |= {name: int(item[name]) for name in ("chatId", "idMessage")}

    # Listed though by its time it is to come.
    green_api.history.delay = -10
    green_api.message(GUEST, "queued")
    otherwise(green_api.history.incoming[-1])
    await bus.wait(1)
    await looked(green_api, 3)
    assert len(bus.events) == 1
    lost = lose(green_api, "lost")
    otherwise(green_api.history.incoming[-1])
    await bus.wait(2)
    green_api.push(lost)
    await green_api.wait_until_empty()
    await looked(green_api)
    assert [data["text"] for data in bus.data] == ["queued", "lost"]


@pytest.mark.parametrize("green_api", ["max", "telegram"], indirect=True)
async def test_one_id_in_two_chats_is_two_messages(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder
) -> None:
    green_api.message(GUEST, "one", message_id="77")
    await bus.wait(1)
    lose(green_api, "two", STRANGER, message_id="77")
    await bus.wait(2)
    await looked(green_api)
    assert [data["text"] for data in bus.data] == ["one", "two"]


# Answered meanwhile


@contextmanager
def meanwhile(service: GreenApiService) -> Generator[None]:
    """List nothing while something happens; then half a minute has passed."""
    service.history.delay = 3600
    yield
    service.writer.ahead += 30
    service.history.delay = 0


@all_messengers
@pytest.mark.parametrize("by_queue", [True, False], ids=["queued", "lost too"])
async def test_nobody_waits_who_was_answered_meanwhile(
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    by_queue: bool,
) -> None:
    with meanwhile(green_api):
        lost = lose(green_api, "Есть столик?")
        lose(green_api, "А у вас?", STRANGER)
        green_api.writer.ahead += 10
        if not by_queue:
            green_api.drop_next()
        green_api.write(GUEST, "Да, ждём")
        await bus.wait(int(by_queue))
    await bus.wait(2 + by_queue)
    await looked(green_api)
    assert key_of(lost) in bus.ids
    assert [(one["action"], one["text"]) for one in alerts.data] == [
        ("opened", "А у вас?")
    ]


@each_messenger
@pytest.mark.parametrize("by_queue", [True, False], ids=["queued", "lost too"])
async def test_what_the_telephone_sends_by_itself_is_no_answer(
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    alerts: Recorder,
    by_queue: bool,
) -> None:
    with meanwhile(green_api):
        lose(green_api, "Есть столик?")
        green_api.writer.ahead += 2
        if not by_queue:
            green_api.drop_next()
        green_api.write(GUEST, "Мы скоро ответим")
        await bus.wait(int(by_queue))
    (opened,) = await alerts.wait(1)
    assert (opened["action"], opened["text"]) == ("opened", "Есть столик?")


@each_messenger
async def test_an_earlier_message_of_ours_that_is_read_later_is_no_answer(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    sent = green_api.write(GUEST, "Ваш столик готов")
    green_api.writer.ahead += 30
    with meanwhile(green_api):
        lose(green_api, "Можно позже?")
        green_api.writer.ahead += 30
        chat = green_api.chat_id(GUEST)
        read = green_api.writer.status(chat, sent["idMessage"], "read", api=False)
        green_api.offer(read)
        await bus.wait(2)
    (opened,) = await alerts.wait(1)
    assert (opened["action"], opened["text"]) == ("opened", "Можно позже?")


@each_messenger
async def test_an_answer_that_failed_is_none(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder, alerts: Recorder
) -> None:
    with meanwhile(green_api):
        lose(green_api, "Есть столик?")
        green_api.writer.ahead += 10
        sent = green_api.write(GUEST, "Да")
        chat = green_api.chat_id(GUEST)
        failed = green_api.writer.status(chat, sent["idMessage"], "failed", api=False)
        green_api.offer(failed)
        await bus.wait(2)
    (opened,) = await alerts.wait(1)
    assert (opened["action"], opened["text"]) == ("opened", "Есть столик?")


# Where the service does not give it


@each_messenger
@pytest.mark.parametrize("status", [400, 403, 404, 405, 466, 501])
async def test_a_service_that_refuses_is_asked_once_and_all_else_goes_on(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    status: int,
) -> None:
    green_api.history.refusal = (status, "not for this tariff")
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await green_api.wait_until(lambda: asked(green_api) == 1)
    lose(green_api, "lost")
    for text in ("one", "two", "three"):
        green_api.message(GUEST, text)
    await bus.wait(3)
    await green_api.wait_for_requests(5)
    assert asked(green_api) == 1
    assert [data["text"] for data in bus.data] == ["one", "two", "three"]
    assert not hass.config_entries.flow.async_progress()
    assert (await diagnosed(hass, entry))["lists"]["state"] == "refused"
    # The next start tries again.
    green_api.history.refusal = None
    assert await hass.config_entries.async_reload(entry.entry_id)
    await bus.wait(4)
    assert bus.data[3]["text"] == "lost"


@pytest.mark.parametrize("status", [429, 500, 502, 302])
async def test_a_list_that_fails_is_asked_for_again(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    status: int,
) -> None:
    green_api.history.refusal = (status, "")
    lose(green_api, "lost")
    await looked(green_api, 3)
    assert bus.events == []
    assert (await diagnosed(hass, entry))["lists"]["state"] == "failed"
    green_api.history.refusal = None
    await bus.wait(1)
    assert state_of(hass, CONNECTION) == "on"
    await looked(green_api)
    assert (await diagnosed(hass, entry))["lists"]["state"] == "on"


async def test_the_rates_of_the_service_are_kept_where_its_timings_are(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> None:
    green_api.rate_limits = "keep"
    entry = make_whatsapp(green_api)
    with timed(look_again=150.0, look_interval=600.0, least_wait=0.05):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await wait_until(
            lambda: entry.runtime_data.source.reconciliation._looked is not None
        )
    assert green_api.history.asked == [(LISTS, 3 * 24 * 60)]
    assert not entry.runtime_data.statistics.failures


async def test_a_list_that_is_too_large_is_asked_for_of_a_shorter_time(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    text = green_api.model.text_data("a")
    long_ago = listed(green_api.writer.message(STRANGER, "Guest", text))
    for number in range(50):
        item = {**long_ago, "idMessage": f"F{number}", "jpegThumbnail": "A" * 100_000}
        item["timestamp"] -= DAY - 600
        green_api.history.incoming.insert(0, item)
    lost = lose(green_api, "lost")
    green_api.history.asked.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await bus.wait(1)
    assert bus.ids == [key_of(lost)]
    first, second = [minutes for _, minutes in green_api.history.asked[:2]]
    assert abs(second - first / 2) < 1


@pytest.mark.slow
async def test_a_list_of_five_thousand_is_bounded_and_stops_nobody(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    hass_storage: dict[str, Any],
) -> None:
    item = listed(lose(green_api, "old", ago=3600))
    green_api.history.incoming[:] = [
        {**item, "idMessage": f"F{number}", "timestamp": item["timestamp"] + number % 7}
        for number in range(6_000)
    ]
    entry = make_whatsapp(green_api)
    await start(hass, entry, green_api)
    lost = lose(green_api, "lost")
    await bus.wait(1)
    await looked(green_api)
    assert bus.ids == [key_of(lost)]
    assert await hass.config_entries.async_unload(entry.entry_id)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    assert len(stored["known_messages"]) < 50_000


# Clocks


@each_messenger
@pytest.mark.parametrize("ahead", [DAY, -DAY, 3600, -3600])
async def test_a_clock_that_is_off_loses_doubles_and_brings_back_nothing(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
    ahead: int,
) -> None:
    green_api.writer.ahead = ahead
    for ago in (DAY - 600, 5000, 60):
        lose(green_api, "before", ago=ago)
    entry = make_whatsapp(green_api)
    await start(hass, entry, green_api)
    green_api.message(GUEST, "queued")
    await bus.wait(1)
    lose(green_api, "lost")
    await bus.wait(2)
    await looked(green_api, 3)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    await looked(green_api, 3)
    assert [data["text"] for data in bus.data] == ["queued", "lost"]


# When


async def test_lists_are_read_after_an_outage_and_when_the_account_is_linked_again(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    with timed(look_again=600.0, look_interval=600.0, interruption=0.0):
        entry = make_whatsapp(green_api)
        assert await hass.config_entries.async_setup(entry.entry_id)
        lists = entry.runtime_data.source.reconciliation
        await wait_until(lambda: lists._looked is not None)
        green_api.faults.set(Faults(refuse=True))
        await wait_for_state(hass, CONNECTION, "off")
        lose(green_api, "lost while away")
        green_api.faults.clear()
        assert (await bus.wait(1))[0]["text"] == "lost while away"
        await wait_until(lambda: not lists._again)
        before = asked(green_api)
        lose(green_api, "lost while not linked")
        green_api.message(GUEST, "queued")
        await bus.wait(2)
        assert asked(green_api) == before
        green_api.set_state("authorized")
        texts = [data["text"] for data in await bus.wait(4)]
        assert texts[1:] == ["queued", None, "lost while not linked"]


async def test_it_asks_for_what_nobody_has_looked_at(
    hass: HomeAssistant, green_api: GreenApiService, entry: MockConfigEntry
) -> None:
    await looked(green_api)
    minutes = [minutes for name, minutes in green_api.history.asked if name == LISTS]
    assert minutes[0] == 3 * 24 * 60
    assert set(minutes[2:]) == {15}
    green_api.history.asked.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await looked(green_api)
    assert green_api.history.asked[0] == (LISTS, 24 * 60 + 15)


# What else


@each_messenger
async def test_the_diagnostics_say_how_it_goes(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
) -> None:
    lose(green_api, "lost")
    await bus.wait(1)
    await looked(green_api)
    said = await diagnosed(hass, entry)
    assert said["messenger"] == green_api.messenger.name
    assert said["account_state"] == "authorized"
    assert said["queue_length"] == 0
    assert {**said["lists"], "last_look": None} == {
        "state": "on",
        "listed": 1,
        "found": 1,
        "last_look": None,
    }
    assert said["lists"]["last_look"] is not None
    # Over a restart too.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert (await diagnosed(hass, entry))["lists"]["found"] == 1


@pytest.mark.parametrize("step", BEFORE_THE_BUS)
async def test_one_that_fails_here_is_tried_and_published_plainly_and_once(
    green_api: GreenApiService, entry: MockConfigEntry, bus: Recorder, step: str
) -> None:
    lost = green_api.writer.message(
        green_api.chat_id(GUEST), "Анна", green_api.model.text_data("lost")
    )
    times = 3 if step not in {"values written", "bus fired"} else 2
    with raising(BEFORE_THE_BUS[step], key_of(lost), times):
        green_api.history.note(lost)
        await bus.wait(1)
    await looked(green_api, 3)
    assert bus.ids == [key_of(lost)]


async def test_as_another_messengers_the_account_begins_again(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    bus: Recorder,
) -> None:
    entry = make_whatsapp(green_api, messenger="max")
    assert await hass.config_entries.async_setup(entry.entry_id)
    lose(green_api, "before it was known", ago=60)
    # The first notification says which messenger it is.
    green_api.message(GUEST, "queued")
    await bus.wait(1)
    await wait_until(lambda: entry.data["messenger"] == "whatsapp")
    await looked(green_api, 4)
    assert [data["text"] for data in bus.data] == ["queued"]


# Kills


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a site stop without an unload: the timer of the next day goes with it."""
    return True


# Of what is found at once the second one has more before it.
WHICH = [
    pytest.param(0, id="first", marks=pytest.mark.slow),
    pytest.param(1, id="second"),
]
STEPS = {
    "listed": Step(
        GreenApiHistory,
        "incoming",
        lambda body, args, result: any(
            one.raw["idMessage"] == body["idMessage"] for one in result
        ),
    ),
    **steps_of_all(key_of),
    "published": Step(
        Publishing,
        "_async_publish",
        lambda body, args, result: args[1].key == key_of(body),
    ),
    "noted as found": Step(
        KnownMessages,
        "add",
        lambda body, args, result: str(args[1]).endswith(body["idMessage"]),
    ),
    "taken": Step(
        Publishing,
        "async_take_found",
        lambda body, args, result: args[1].key == key_of(body),
    ),
}


def life(service: GreenApiService) -> AbstractAsyncContextManager[Life]:
    """Start Home Assistant with an account, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="WhatsApp …4567",
        entry_id=ENTRY_ID,
        data={
            CONF_SERVICE: "green_api",
            CONF_URL: service.url,
            CONF_FINGERPRINT: None,
            "instance_id": service.instance_id,
            CONF_TOKEN: service.token,
            "title": "WhatsApp …4567",
            "messenger": service.messenger.name,
        },
    )
    return life_with(entry, CONNECTION)


@pytest.fixture
async def server(green_api: GreenApiService) -> GreenApiService:
    """Return a gateway whose list the site has looked at, over an orderly restart."""
    async with life(green_api) as first:
        await first.settle()
        await looked(green_api)
    return green_api


@each_messenger
@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("step", STEPS)
async def test_a_hard_kill_after_any_step_loses_nothing_that_is_listed(
    server: GreenApiService, hass_storage: dict[str, Any], step: str, which: int
) -> None:
    disk = Disk(hass_storage)
    published: list[str] = []
    async with life(server) as site:
        await site.settle()
        await looked(server)

        def kill() -> None:
            disk.keep()
            published.extend(site.bus.ids)

        sent: list[Body] = []
        with after(STEPS[step], sent, which, kill) as reached:
            sent += [lose(server, "one"), lose(server, "two", STRANGER)]
            await asyncio.wait_for(reached.wait(), PATIENCE)
    written = set(disk.journal["seen"])
    disk.restore()
    expected = [key_of(body) for body in sent]

    async with life(server) as site:
        await site.settle()
        await looked(server, 3)
        ids = list(site.bus.ids)
        late = [data["late"] for data in site.bus.data]

    assert sorted({*published, *ids}) == sorted(expected)
    assert ids == [key for key in expected if key in ids]
    # What was published and written down is not published again.
    assert set(published) & set(ids) == {
        key for key in published if short_id(key) not in written
    }
    assert all(late)


@each_messenger
@pytest.mark.parametrize(
    "end", ["unloaded", pytest.param("stopped", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("step", STEPS)
async def test_an_orderly_end_after_any_step_publishes_each_once(
    server: GreenApiService,
    hass_storage: dict[str, Any],
    step: str,
    which: int,
    end: str,
) -> None:
    ends: list[asyncio.Task[None]] = []
    async with life(server) as site:
        await site.settle()
        await looked(server)

        def begin_to_end() -> None:
            ends.append(site.hass.loop.create_task(ENDS[end](site)))

        sent: list[Body] = []
        with after(STEPS[step], sent, which, begin_to_end) as reached:
            sent += [lose(server, "one"), lose(server, "two", STRANGER)]
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await ends[0]
        published = list(site.bus.ids)
    async with life(server) as site:
        await site.settle()
        await looked(server, 3)
        published += site.bus.ids
    assert published == [key_of(body) for body in sent]


# All of it, by chance


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))]
)
@each_messenger
async def test_whatever_the_queue_loses_doubles_and_forgets_each_comes_once(
    hass: HomeAssistant,
    green_api: GreenApiService,
    entry: MockConfigEntry,
    bus: Recorder,
    seed: int,
) -> None:
    draw = Random(seed)
    sent: list[Body] = []
    for _ in range(60):
        chat = draw.choice((GUEST, STRANGER))
        match draw.choices(range(7), (8, 8, 3, 2, 1, 1, 4))[0]:
            case 0:
                sent.append(green_api.message(chat, "queued"))
            case 1:
                sent.append(lose(green_api, "lost", chat))
            case 2 if sent:
                # As late as it likes.
                green_api.push(draw.choice(sent))
            case 3:
                green_api.clear()
            case 4:
                assert await hass.config_entries.async_reload(entry.entry_id)
            case 5:
                await green_api.restart(keep_queue=draw.random() < 0.5)
            case _:
                await asyncio.sleep(draw.uniform(0, 0.03))
    await bus.wait(len(sent))
    await looked(green_api, 3)
    await green_api.wait_until_empty()
    assert sorted(bus.ids) == sorted(map(key_of, sent))
