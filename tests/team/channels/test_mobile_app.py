"""Pushes: what a phone gets, whose answers are believed, and which phones take none."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.team.channels.channel import Message
from custom_components.carbis_alerts.team.channels.mobile_app import (
    HOLDS_FOR,
    PhoneAnswer,
    async_listen_answers,
)
from custom_components.carbis_alerts.team.channels.pushes import MANY
from custom_components.carbis_alerts.team.reach import Unreached

from ...blueprints.conftest import Register
from ...blueprints.real_phones import Pushes, RealPhone
from ...blueprints.staff import Staff
from ...flows import WORDS
from ...helpers import wait_until
from ...timings import timed
from ..conftest import MakeTeam, person, phone_of, reach_of

CALL = Message(
    title="Table 6",
    text="Table 6 calls the waiter.",
    tag="carbis_alerts-6",
    answers={"coming|6": "I'm coming", "not_me|6": "Not me"},
    since=1_750_000_000.5,
)


@pytest.fixture
async def staff(
    hass: HomeAssistant,
    register: Register,
    hass_client: ClientSessionGenerator,
    pushes: Pushes,
) -> Staff:
    """Return Anna and Boris with phones that are theirs."""
    people = Staff(hass, hass_client, pushes)
    for name in ("Anna", "Boris"):
        await people.add(name, GROUP_ID_USER)
    return people


@pytest.fixture
def answers(hass: HomeAssistant) -> list[PhoneAnswer]:
    """Record the answers that are believed."""
    heard: list[PhoneAnswer] = []
    async_listen_answers(hass, heard.append)
    return heard


async def called(make_team: MakeTeam, staff: Staff) -> None:
    """Have Anna be called."""
    team = await make_team({"Anna": [phone_of(staff.phones["Anna"])]})
    await reach_of(team).async_send(person(team, "Anna"), CALL)


async def test_a_push_has_answers_and_a_tag_and_is_taken_back(
    hass: HomeAssistant, make_team: MakeTeam, staff: Staff
) -> None:
    team = await make_team({"Anna": [phone_of(staff.phones["Anna"])]})
    reach = reach_of(team)
    sent = await reach.async_send(person(team, "Anna"), CALL)
    assert (sent.channel, sent.handle, sent.failures) == (
        "mobile_app",
        "carbis_alerts-6",
        (),
    )
    (push,) = staff.pushes.of("Anna")
    assert (push["title"], push["message"]) == (CALL.title, CALL.text)
    data = push["data"]
    assert data["tag"] == "carbis_alerts-6"
    assert [row["title"] for row in data["actions"]] == ["I'm coming", "Not me"]
    assert data["push"] == {"interruption-level": "time-sensitive"}
    # An iPhone would show a live activity in place of it, without buttons or sound.
    assert "live_update" not in data
    assert staff.pushes.of("Boris") == []

    assert await reach.async_withdraw(sent)
    assert not await reach.async_edit(sent, CALL)
    push = staff.pushes.of("Anna")[-1]
    assert push["message"] == "clear_notification"
    assert push["data"] == {"tag": "carbis_alerts-6"}


async def test_an_android_phone_counts_the_time_and_a_critical_one_sounds(
    make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phone = await register(owner="anna", name="Pixel", os_name="Android")
    team = await make_team({"Anna": [phone_of(phone)]})
    message = Message(
        title=None, text="x" * 5_000, tag="t", since=1_750_000_000.5, is_critical=True
    )
    await reach_of(team).async_send(person(team, "Anna"), message)
    (push,) = pushes.of("anna")
    assert "title" not in push
    assert len(push["message"]) == 1_000
    data = push["data"]
    assert (data["when"], data["chronometer"], data["live_update"]) == (
        1_750_000_000,
        True,
        True,
    )
    assert data["channel"] == "alarm_stream"
    assert data["push"]["sound"]["critical"] == 1
    assert data["actions"] == []


async def test_the_user_of_the_phone_is_believed(
    hass: HomeAssistant, make_team: MakeTeam, staff: Staff, answers: list[PhoneAnswer]
) -> None:
    await called(make_team, staff)
    phone = staff.phones["Anna"]
    for index in (0, 1):
        await phone.fire(staff.action("Anna", index))
    await hass.async_block_till_done()
    assert answers == [
        PhoneAnswer(
            data=data, user_id=staff.users["Anna"].id, device_id=phone.device_id
        )
        for data in CALL.answers
    ]


async def _of_another(hass: HomeAssistant, staff: Staff) -> None:
    await staff.phones["Boris"].fire(staff.action("Anna"))


async def _made_up(hass: HomeAssistant, staff: Staff) -> None:
    for action in (
        "carbis_alerts_team|coming|6",
        "carbis_alerts_team|" + "|" * 100_000,
        "carbis_alerts_team|",
    ):
        await staff.phones["Anna"].fire(action)


async def _tampered(hass: HomeAssistant, staff: Staff) -> None:
    action = staff.action("Anna")
    assert "%7C6" in action
    await staff.phones["Anna"].fire(action.replace("%7C6", "%7C7"))


async def _without_user(hass: HomeAssistant, staff: Staff) -> None:
    hass.bus.async_fire(
        "mobile_app_notification_action", {"action": staff.action("Anna")}
    )


async def _deactivated(hass: HomeAssistant, staff: Staff) -> None:
    await hass.auth.async_deactivate_user(staff.users["Anna"])
    await staff.phones["Anna"].fire(staff.action("Anna"))


async def _another_user_now(hass: HomeAssistant, staff: Staff) -> None:
    anna = staff.phones["Anna"]
    action = staff.action("Anna")
    hass.config_entries.async_update_entry(
        anna.entry, data={**anna.entry.data, "user_id": staff.users["Boris"].id}
    )
    await staff.phones["Boris"].fire(action)
    await staff.phones["Anna"].fire(action)


async def _too_old(hass: HomeAssistant, staff: Staff) -> None:
    with freeze_time(dt_util.utcnow() + HOLDS_FOR + timedelta(minutes=1), tick=True):
        await staff.phones["Anna"].fire(staff.action("Anna"))


@pytest.mark.parametrize(
    "act",
    [
        _of_another,
        _made_up,
        _tampered,
        _without_user,
        _deactivated,
        _another_user_now,
        _too_old,
    ],
)
async def test_nobody_else_is_believed(
    hass: HomeAssistant,
    make_team: MakeTeam,
    staff: Staff,
    answers: list[PhoneAnswer],
    caplog: pytest.LogCaptureFixture,
    act: Any,
) -> None:
    await called(make_team, staff)
    await act(hass, staff)
    await hass.async_block_till_done()
    assert answers == []
    assert caplog.text.count("An answer of a phone was ignored") == 1


async def _removed(hass: HomeAssistant, phone: RealPhone) -> None:
    await hass.config_entries.async_remove(phone.entry.entry_id)


async def _disabled(hass: HomeAssistant, phone: RealPhone) -> None:
    await hass.config_entries.async_set_disabled_by(
        phone.entry.entry_id, ConfigEntryDisabler.USER
    )


async def _without_pushes(hass: HomeAssistant, phone: RealPhone) -> None:
    _change(hass, phone, {})


async def _local_only(hass: HomeAssistant, phone: RealPhone) -> None:
    _change(hass, phone, {"push_websocket_channel": True})


def _change(hass: HomeAssistant, phone: RealPhone, app_data: dict[str, Any]) -> None:
    hass.config_entries.async_update_entry(
        phone.entry, data={**phone.entry.data, "app_data": app_data}
    )


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (_removed, "phone_gone"),
        (_disabled, "phone_off"),
        (_without_pushes, "phone_takes_none"),
        (_local_only, "phone_not_connected"),
    ],
)
async def test_a_phone_that_takes_none_is_named_at_once_in_words(
    hass: HomeAssistant,
    make_team: MakeTeam,
    register: Register,
    act: Any,
    key: str,
) -> None:
    phone = await register(owner="anna", name="Pixel")
    team = await make_team({"Anna": [phone_of(phone)]})
    reach, anna = reach_of(team), person(team, "Anna")
    changes: list[int] = []
    team.runtime_data.signals.listen_values(anna.device_key, lambda: changes.append(1))
    assert reach.problem_of(anna) is None
    await act(hass, phone)
    await hass.async_block_till_done()
    problem = reach.problem_of(anna)
    assert problem is not None
    assert problem.key == key
    assert changes
    for words in WORDS.values():
        text = words["exceptions"][key]["message"]
        assert text.format_map(problem.translation_placeholders or {})
    with pytest.raises(Unreached):
        await reach.async_send(anna, CALL)


async def test_of_two_phones_of_one_name_the_dropped_one_fails(
    hass: HomeAssistant, make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phones = [await register(owner=name, name="iPhone") for name in ("anna", "boris")]
    team = await make_team(
        {
            name: [phone_of(phone)]
            for name, phone in zip(("Anna", "Boris"), phones, strict=True)
        }
    )
    reach = reach_of(team)
    problems = [reach.problem_of(person(team, name)) for name in ("Anna", "Boris")]
    assert [problem and problem.key for problem in problems].count(
        "phone_of_same_name"
    ) == 1
    await phones[1].rename(pushes, owner="boris", name="iPhone of Boris")
    await hass.async_block_till_done()
    for name in ("Anna", "Boris"):
        assert reach.problem_of(person(team, name)) is None
        await reach.async_send(person(team, name), CALL)
        (push,) = pushes.of(name.lower())
        assert push["title"] == "Table 6"


@pytest.mark.parametrize("status", [429, 500])
async def test_what_the_cloud_refuses_is_handed_over_all_the_same(
    make_team: MakeTeam, register: Register, pushes: Pushes, status: int
) -> None:
    phone = await register(owner="anna", name="Pixel")
    team = await make_team({"Anna": [phone_of(phone)]})
    pushes.status = status
    # Home Assistant only logs it.
    sent = await reach_of(team).async_send(person(team, "Anna"), CALL)
    assert sent.failures == ()
    assert len(pushes.of("anna")) == 1


async def test_a_cloud_that_hangs_makes_the_next_way_be_tried(
    make_team: MakeTeam, register: Register, pushes: Pushes
) -> None:
    phones = [await register(owner=name, name=name) for name in ("old", "new")]
    team = await make_team({"Anna": [phone_of(phone) for phone in phones]})
    pushes.hang("old")
    with timed(hand_over=0.05):
        sent = await reach_of(team).async_send(person(team, "Anna"), CALL)
    assert sent.address["device_id"] == phones[1].device_id
    (failure,) = sent.failures
    assert failure.error.key == "channel_slow"
    assert failure.address["device_id"] == phones[0].device_id


async def test_a_dead_connection_of_its_own_falls_back_to_the_cloud(
    hass: HomeAssistant,
    make_team: MakeTeam,
    register: Register,
    pushes: Pushes,
    hass_ws_client: WebSocketGenerator,
) -> None:
    phone = await register(owner="anna", name="Pixel", is_local=True)
    team = await make_team({"Anna": [phone_of(phone)]})
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {
            "type": "mobile_app/push_notification_channel",
            "webhook_id": phone.entry.data["webhook_id"],
            "support_confirm": True,
        }
    )
    assert (await socket.receive_json())["success"]
    assert reach_of(team).is_local(phone_of(phone))
    await reach_of(team).async_send(person(team, "Anna"), CALL)
    assert pushes.of("anna") == []
    came = (await socket.receive_json())["event"]
    assert came["message"] == CALL.text
    # Nobody confirms it.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))
    await wait_until(lambda: len(pushes.of("anna")) == 1)
    assert not reach_of(team).is_local(phone_of(phone))


async def test_a_repair_names_the_phone_that_has_had_too_many(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    make_team: MakeTeam,
    register: Register,
    pushes: Pushes,
) -> None:
    phone = await register(owner="anna", name="Pixel")
    team = await make_team({"Anna": [phone_of(phone)]})
    reach, anna = reach_of(team), person(team, "Anna")
    await reach.async_send(anna, CALL)
    assert await hass.config_entries.async_unload(team.entry_id)
    stored = hass_storage[f"{DOMAIN}.{team.entry_id}"]["data"]["pushes"]
    assert stored["counts"] == {phone.device_id: 1}
    stored["counts"][phone.device_id] = MANY - 1
    assert await hass.config_entries.async_setup(team.entry_id)
    reach = reach_of(team)

    def repair() -> ir.IssueEntry | None:
        return ir.async_get(hass).async_get_issue(
            DOMAIN, f"pushes_many_{team.entry_id}_{phone.device_id}"
        )

    def look() -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))

    # Critical ones, and what takes back, are not counted.
    await reach.async_withdraw(
        await reach.async_send(
            anna, Message(title=None, text="!", tag="t", is_critical=True)
        )
    )
    look()
    await hass.async_block_till_done()
    assert repair() is None
    await reach.async_send(anna, CALL)
    look()
    await hass.async_block_till_done()
    issue = repair()
    assert issue is not None
    assert issue.translation_placeholders is not None
    for words in WORDS.values():
        for text in words["issues"]["pushes_many"].values():
            assert "Pixel" in text.format_map(issue.translation_placeholders)
    with freeze_time(dt_util.utcnow() + timedelta(days=1), tick=True):
        look()
        await hass.async_block_till_done()
        await asyncio.sleep(0)
        assert repair() is None
