"""Chats of a messenger's account as a way to people, and what keeps one from being it."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.team.channels.channel import Message
from custom_components.carbis_alerts.team.channels.chat import is_of
from custom_components.carbis_alerts.team.reach import Unreached
from simulator.faults import Faults
from simulator.green_api import GreenApiService

from ...alerts import get_alerts
from ...conftest import Recorder
from ...flows import WORDS
from ...helpers import wait_until
from ...services.conftest import all_messengers
from ..conftest import MakeTeam, chat_of, person, reach_of

NUMBER = "+79821234567"
GROUPS = {
    "whatsapp": "120363043968066561@g.us",
    "max": "-10000000000001",
    "telegram": "-1001234567890",
}
CALL = Message(
    title="Table 6",
    text="Table 6 calls the waiter.",
    tag="carbis_alerts-6",
    answers={"coming|6": "I'm coming", "not_me|6": "Not me"},
)
WRITTEN = "Table 6 calls the waiter.\n+ I'm coming · - Not me"


@all_messengers
async def test_a_person_a_number_and_a_group_are_written_to_and_hear_of_the_end(
    green_api: GreenApiService, whatsapp: MockConfigEntry, make_team: MakeTeam
) -> None:
    group = GROUPS[green_api.messenger.name]
    chat_id = green_api.chat_id(NUMBER)
    number = {"channel": "chat", "entry_id": whatsapp.entry_id, "number": NUMBER}
    team = await make_team(
        {
            "Anna": [chat_of(whatsapp, chat_id)],
            "Boris": [number],
            "Clara": [chat_of(whatsapp, group)],
        }
    )
    reach = reach_of(team)
    for name, chat in (("Anna", chat_id), ("Boris", chat_id), ("Clara", group)):
        sent = await reach.async_send(person(team, name), CALL)
        written = green_api.sent[-1]
        assert (written.chat_id, written.message_id) == (chat, sent.handle)
        assert written.text.endswith(WRITTEN)
        assert "Table 6" in written.text.splitlines()[0]
        assert not await reach.async_withdraw(sent)
        assert await reach.async_edit(sent, replace(CALL, title=None, text="Taken."))
        answer = green_api.sent[-1]
        assert (answer.chat_id, answer.text) == (chat, "Taken.")
        assert answer.quoted_message_id == sent.handle


async def _removed(hass: HomeAssistant, entry: MockConfigEntry, _: Any) -> None:
    await hass.config_entries.async_remove(entry.entry_id)


async def _unloaded(hass: HomeAssistant, entry: MockConfigEntry, _: Any) -> None:
    await hass.config_entries.async_unload(entry.entry_id)


async def _disabled(hass: HomeAssistant, entry: MockConfigEntry, _: Any) -> None:
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )


async def _unlinked(_: Any, entry: MockConfigEntry, service: GreenApiService) -> None:
    service.set_state("notAuthorized")
    account = entry.runtime_data.source.account
    await wait_until(lambda: account.trouble is not None)


async def _away(_: Any, entry: MockConfigEntry, service: GreenApiService) -> None:
    service.faults.set(Faults(refuse=True))
    await wait_until(lambda: entry.runtime_data.connection.is_up is False)


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (_removed, "unknown_entry"),
        (_unloaded, "entry_not_loaded"),
        (_disabled, "entry_not_loaded"),
        (_unlinked, "send_not_authorized"),
        (_away, "send_unavailable"),
    ],
)
async def test_an_account_that_cannot_send_is_passed_over_in_words(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    make_team: MakeTeam,
    act: Any,
    key: str,
) -> None:
    team = await make_team({"Anna": [chat_of(whatsapp, green_api.chat_id(NUMBER))]})
    reach, anna = reach_of(team), person(team, "Anna")
    assert reach.problem_of(anna) is None
    changed: list[int] = []
    team.runtime_data.signals.listen_values(anna.device_key, lambda: changed.append(1))
    await act(hass, whatsapp, green_api)
    await wait_until(lambda: bool(changed))
    problem = reach.problem_of(anna)
    assert problem is not None
    assert problem.key == key
    with pytest.raises(Unreached) as caught:
        await reach.async_send(anna, CALL)
    assert caught.value.key == "person_unreached"
    assert caught.value.translation_placeholders == {
        "name": "Anna",
        "reason": WORDS["en"]["exceptions"][key]["message"],
    }


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ({"entry_id": "gone", "chat_id": "79821234567@c.us"}, "unknown_entry"),
        ({"chat_id": "79821234567@c.us"}, "unknown_entry"),
        ({"chat_id": ""}, "no_recipient"),
        ({}, "no_recipient"),
        ({"chat_id": "who knows"}, "invalid_recipient"),
    ],
)
async def test_an_address_that_is_none_is_an_error_in_words(
    whatsapp: MockConfigEntry,
    make_team: MakeTeam,
    address: dict[str, Any],
    key: str,
) -> None:
    entry = {"entry_id": whatsapp.entry_id} if key.endswith("recipient") else {}
    team = await make_team({"Anna": [{"channel": "chat", **entry, **address}]})
    with pytest.raises(Unreached) as caught:
        await reach_of(team).async_send(person(team, "Anna"), CALL)
    (failure,) = caught.value.failures
    assert failure.error.key == key


async def test_a_table_or_a_team_is_no_account(
    entry: MockConfigEntry, make_team: MakeTeam
) -> None:
    team = await make_team({"Anna": [chat_of(entry, "79821234567@c.us")]})
    problem = reach_of(team).problem_of(person(team, "Anna"))
    assert problem is not None
    assert problem.key == "cannot_send"
    other = await make_team({"Boris": [chat_of(team, "79821234567@c.us")]}, "Other")
    problem = reach_of(other).problem_of(person(other, "Boris"))
    assert problem is not None
    assert problem.key == "entry_not_loaded"


@all_messengers
async def test_what_staff_write_is_no_guest_s_message(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
    make_team: MakeTeam,
    bus: Recorder,
) -> None:
    team = await make_team(
        {
            "Anna": [chat_of(whatsapp, green_api.chat_id(NUMBER))],
            "Boris": [
                {
                    "channel": "chat",
                    "entry_id": whatsapp.entry_id,
                    "number": "+79820000001",
                }
            ],
        }
    )
    # Where ids hold no numbers, the first message asks whose it is.
    await reach_of(team).async_send(person(team, "Boris"), CALL)
    for number in (NUMBER, "+79820000001", "+79820000002"):
        green_api.message(number, "Hello")
    await wait_until(lambda: [data["type"] for data in bus.data].count("message") == 3)
    assert [alert["title"] for alert in await get_alerts(hass)] == ["Guest"]
    (alert,) = await get_alerts(hass)
    assert alert["kind"] == "message"

    # What was staff's is a guest's once nobody of a team has it.
    await hass.config_entries.async_remove(team.entry_id)
    green_api.message(NUMBER, "Hello")
    await wait_until(lambda: [data["type"] for data in bus.data].count("message") == 4)
    assert len(await get_alerts(hass)) == 2


@all_messengers
async def test_in_a_group_only_a_named_sender_is_somebody(
    hass: HomeAssistant,
    green_api: GreenApiService,
    whatsapp: MockConfigEntry,
) -> None:
    group = GROUPS[green_api.messenger.name]
    anna, boris = green_api.chat_id(NUMBER), green_api.chat_id("+79820000001")
    named = chat_of(whatsapp, group) | {"sender_id": anna}

    def whose(address: dict[str, Any], chat_id: str, sender_id: str) -> bool:
        return is_of(
            hass,
            address,
            entry_id=whatsapp.entry_id,
            chat_id=chat_id,
            sender_id=sender_id,
        )

    assert whose(named, group, anna)
    assert not whose(named, group, boris)
    assert not whose(named, anna, anna)
    assert not whose(chat_of(whatsapp, group), group, anna)
    assert whose(chat_of(whatsapp, anna), anna, anna)
    assert not whose(chat_of(whatsapp, anna), boris, boris)
