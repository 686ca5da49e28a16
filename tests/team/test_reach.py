"""Somebody is reached by the first way that works, and it is known who cannot be."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override
from unittest.mock import patch

from homeassistant.core import HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.team.channels.channel import (
    Address,
    Can,
    Channel,
    ChannelError,
    Message,
)
from custom_components.carbis_alerts.team.channels.registry import CHANNELS
from custom_components.carbis_alerts.team.reach import Sent, Unreached
from simulator.faults import Faults
from simulator.green_api import GreenApiService

from ..blueprints.conftest import Register
from ..blueprints.real_phones import Pushes
from ..flows import WORDS
from .conftest import MakeTeam, chat_of, person, phone_of, reach_of

NUMBER: Final = "79821234567@c.us"
WORDS_OF_A_GUEST: Final = "Anna's number"
CALL: Final = Message(title="Table 6", text="It calls.", tag="carbis_alerts-6")


class Broken(Channel):
    """A way whose code fails."""

    kind: ClassVar[str] = "broken"
    can: ClassVar[Can] = Can(edit=True, withdraw=True)

    @override
    @callback
    def problem(self, address: Address) -> ChannelError | None:
        if address.get("look"):
            raise RuntimeError(WORDS_OF_A_GUEST)
        return None

    @override
    async def async_send(self, address: Address, message: Message) -> str:
        raise RuntimeError(WORDS_OF_A_GUEST)


BROKEN: Final[Mapping[str, type[Channel]]] = {**CHANNELS, Broken.kind: Broken}


async def test_the_first_way_that_works_is_taken_and_the_others_are_not(
    hass: HomeAssistant,
    make_team: MakeTeam,
    register: Register,
    pushes: Pushes,
    whatsapp: MockConfigEntry,
    green_api: GreenApiService,
) -> None:
    old = await register(owner="old", name="Old")
    new = await register(owner="new", name="New")
    chat = chat_of(whatsapp, NUMBER)
    team = await make_team({"Anna": [phone_of(old), phone_of(new), chat]})
    reach, anna = reach_of(team), person(team, "Anna")
    sent = await reach.async_send(anna, CALL)
    assert sent.address == phone_of(old)
    assert (len(pushes.of("old")), len(pushes.of("new"))) == (1, 0)

    # A dispatcher passes over what failed, and asks for kinds.
    sent = await reach.async_send(anna, CALL, skip=[sent.address])
    assert sent.address == phone_of(new)
    assert green_api.sent == []
    sent = await reach.async_send(anna, CALL, only=["chat", "call"])
    assert sent.address == chat
    with pytest.raises(Unreached) as caught:
        await reach.async_send(anna, CALL, only=["call"])
    assert (caught.value.key, caught.value.failures) == ("person_without_channels", ())

    await hass.config_entries.async_remove(old.entry.entry_id)
    await hass.config_entries.async_remove(new.entry.entry_id)
    sent = await reach.async_send(anna, CALL)
    assert [failure.error.key for failure in sent.failures] == ["phone_gone"] * 2
    assert sent.address == chat
    assert reach.problem_of(anna) is None

    # A file holds it over a restart.
    assert Sent.of(sent.as_dict()) == Sent(
        channel="chat", address=chat, handle=sent.handle
    )


async def test_nobody_is_reached_without_a_way_and_the_words_say_so(
    make_team: MakeTeam,
) -> None:
    team = await make_team({"Anna": [], "Boris": [{"channel": "pigeon"}, {}]})
    reach = reach_of(team)
    for name, key in (
        ("Anna", "person_without_channels"),
        ("Boris", "channel_unknown"),
    ):
        problem = reach.problem_of(person(team, name))
        assert problem is not None
        assert problem.key == key
        with pytest.raises(Unreached) as caught:
            await reach.async_send(person(team, name), CALL)
        error = caught.value
        assert error.translation_placeholders is not None
        for words in WORDS.values():
            text = words["exceptions"][error.key]["message"]
            assert name in text.format_map(error.translation_placeholders)
        assert len(error.failures) == len(person(team, name).channels)


@pytest.mark.parametrize("address", [{"look": True}, {}])
async def test_a_way_whose_code_fails_costs_itself_alone(
    make_team: MakeTeam,
    register: Register,
    caplog: pytest.LogCaptureFixture,
    address: dict[str, Any],
) -> None:
    phone = await register(owner="anna", name="Pixel")
    with patch("custom_components.carbis_alerts.team.reach.CHANNELS", BROKEN):
        broken = {"channel": "broken", **address}
        team = await make_team({"Anna": [broken, phone_of(phone)], "Boris": [broken]})
        reach = reach_of(team)
        sent = await reach.async_send(person(team, "Anna"), CALL)
        assert sent.channel == "mobile_app"
        with pytest.raises(Unreached):
            await reach.async_send(person(team, "Boris"), CALL)
        gone = Sent(channel="broken", address=broken, handle="1")
        for doing in (reach.async_withdraw(gone), reach.async_edit(gone, CALL)):
            with pytest.raises(ChannelError) as caught:
                await doing
            assert caught.value.key == "channel_failed"
    assert WORDS_OF_A_GUEST not in caplog.text
    assert "please report this" in caplog.text


async def test_what_is_of_a_way_that_is_no_more_is_left_alone(
    make_team: MakeTeam,
) -> None:
    reach = reach_of(await make_team({}))
    for channel, handle in (("pigeon", "1"), ("mobile_app", None), ("chat", None)):
        sent = Sent(channel=channel, address={"channel": channel}, handle=handle)
        assert not await reach.async_withdraw(sent)
        assert not await reach.async_edit(sent, CALL)


async def test_two_people_of_one_phone_are_both_reached_there(
    make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phone = await register(owner="bar", name="Bar")
    team = await make_team({name: [phone_of(phone)] for name in ("Anna", "Boris")})
    for name in ("Anna", "Boris"):
        await reach_of(team).async_send(person(team, name), CALL)
    # One tag, so the phone shows one.
    assert [push["data"]["tag"] for push in pushes.of("bar")] == [CALL.tag] * 2


@pytest.mark.parametrize("language", WORDS)
async def test_a_try_is_sent_in_the_site_s_language_or_says_what_is_wrong(
    hass: HomeAssistant,
    make_team: MakeTeam,
    register: Register,
    pushes: Pushes,
    language: str,
    whatsapp: MockConfigEntry,
    green_api: GreenApiService,
) -> None:
    hass.config.language = language
    phone = await register(owner="anna", name="Pixel")
    reach = reach_of(await make_team({}, title="Hall"))
    await reach.async_try(phone_of(phone))
    (push,) = pushes.of("anna")
    assert push["title"] == "Hall"
    assert (
        push["message"]
        == {
            "en": "This is a try. It works.",
            "ru": "Это проверка. Всё работает.",
        }[language]
    )
    with pytest.raises(ChannelError):
        await reach.async_try({"channel": "mobile_app", "device_id": "gone"})
    green_api.faults.set(Faults(status=466))
    with pytest.raises(ChannelError) as caught:
        await reach.async_try(chat_of(whatsapp, NUMBER))
    assert caught.value.key in ("send_quota", "send_unavailable")
