"""Who may see and do what: each action as each kind of user."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.permissions.models import PermissionLookup
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.carbis_alerts.const import DOMAIN
from simulator.green_api import GreenApiService
from simulator.qr_menu import QrMenuService

from ..alerts import ACKNOWLEDGE, ACKNOWLEDGE_ALL, TODO, act, table_calls
from ..conftest import Recorder
from ..helpers import wait_for_state
from ..services.conftest import MakeWhatsApp

TABLE: Final = "event.table_6_activity"
HALL: Final = "hall"
GUEST: Final = "79821234567@c.us"
NOTIFY: Final = "notify.kitchen"


@dataclass
class Floor:
    """A restaurant where two tables wait, and the account that it writes from."""

    hass: HomeAssistant
    menu: MockConfigEntry
    account: MockConfigEntry
    gateway: GreenApiService
    # The alert of table 6 and that of table 7.
    alert: str
    other: str


@pytest.fixture
async def floor(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> Floor:
    """Return a restaurant whose table 6 stands in the hall."""
    account = make_whatsapp(green_api, {"Kitchen": GUEST})
    assert await hass.config_entries.async_setup(account.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    opened = [await table_calls(qr_menu, alerts, table) for table in ("6", "7")]
    area = ar.async_get(hass).async_create(HALL)
    dr.async_get(hass).async_update_device(opened[0]["device_id"], area_id=area.id)
    first, second = (alert["alert_id"] for alert in opened)
    return Floor(hass, entry, account, green_api, first, second)


async def call(
    floor: Floor, domain: str, action: str, context: Context, **data: Any
) -> Any:
    """Call an action of Home Assistant's own."""
    return await floor.hass.services.async_call(
        domain, action, data, blocking=True, context=context
    )


type Act = Callable[[Floor, Context], Awaitable[Any]]


async def decline(floor: Floor, who: Context) -> None:
    """Take that somebody does not come, who is nobody of a team here."""
    with suppress(ServiceValidationError):
        await call(floor, DOMAIN, "decline", who, alert_id=floor.alert)


# What each action does to table 6, to all, or in everybody's name.
AT_TABLE: Final[dict[str, Act]] = {
    "acknowledge": lambda floor, who: act(
        floor.hass, "acknowledge", who, alert_id=floor.alert
    ),
    "acknowledge a target": lambda floor, who: act(
        floor.hass, "acknowledge", who, entity_id=TABLE
    ),
    "reopen": lambda floor, who: act(floor.hass, "reopen", who, alert_id=floor.alert),
    "snooze": lambda floor, who: act(floor.hass, "snooze", who, alert_id=floor.alert),
    "decline": decline,
    "raise_alert": lambda floor, who: act(
        floor.hass, "raise_alert", who, entry_id=floor.menu.entry_id, table="6"
    ),
    "offer_answers": lambda floor, who: act(
        floor.hass,
        "offer_answers",
        who,
        phones=[],
        answers=["coming"],
        offered_by="push",
        alert_id=floor.alert,
    ),
    "button": lambda floor, who: call(
        floor, "button", "press", who, entity_id=ACKNOWLEDGE
    ),
    "close": lambda floor, who: act(floor.hass, "close", who, alert_id=floor.alert),
}
AT_HUB: Final[dict[str, Act]] = {
    "acknowledge another": lambda floor, who: act(
        floor.hass, "acknowledge", who, alert_id=floor.other
    ),
    "acknowledge two": lambda floor, who: act(
        floor.hass,
        "acknowledge",
        who,
        alert_id=floor.alert,
        entity_id="event.table_7_activity",
    ),
    "acknowledge where nobody waits": lambda floor, who: act(
        floor.hass, "acknowledge", who, entity_id="event.kitchen_messages"
    ),
    "raise_alert elsewhere": lambda floor, who: act(
        floor.hass, "raise_alert", who, entry_id=floor.menu.entry_id, table="7"
    ),
    "send_message": lambda floor, who: act(
        floor.hass,
        "send_message",
        who,
        entry_id=floor.account.entry_id,
        phone="+79821234567",
        message="hello",
    ),
    "notify": lambda floor, who: call(
        floor, "notify", "send_message", who, entity_id=NOTIFY, message="hello"
    ),
    "button for all": lambda floor, who: call(
        floor, "button", "press", who, entity_id=ACKNOWLEDGE_ALL
    ),
    "tick": lambda floor, who: call(
        floor,
        "todo",
        "update_item",
        who,
        entity_id=TODO,
        item=floor.alert,
        status="completed",
    ),
    "add": lambda floor, who: call(
        floor, "todo", "add_item", who, entity_id=TODO, item="6"
    ),
    "delete": lambda floor, who: call(
        floor, "todo", "remove_item", who, entity_id=TODO, item=floor.other
    ),
}
# The alert of table 6 is closed last.
ACTIONS: Final = {**AT_HUB, **AT_TABLE}


@dataclass(frozen=True)
class Kind:
    """A kind of user: what he may do, what he sees of two alerts, None if refused."""

    does: frozenset[str]
    sees: int
    # Of the entry that he names.
    sees_entry: int | None


EVERYTHING: Final = frozenset(ACTIONS)
NOTHING: Final[frozenset[str]] = frozenset()
KINDS: Final = {
    "automation": Kind(EVERYTHING, 2, 2),
    "owner": Kind(EVERYTHING, 2, 2),
    "administrator": Kind(EVERYTHING, 2, 2),
    "user": Kind(EVERYTHING, 2, 2),
    "read only": Kind(NOTHING, 2, 2),
    "one table": Kind(frozenset(AT_TABLE), 1, 1),
    "one area": Kind(frozenset(AT_TABLE), 1, 1),
    "sees one table": Kind(NOTHING, 1, 1),
    "controls one table": Kind(frozenset(AT_TABLE), 0, None),
    "a light": Kind(NOTHING, 0, None),
    "no group": Kind(NOTHING, 0, None),
    "deactivated": Kind(NOTHING, 0, None),
    "deactivated administrator": Kind(NOTHING, 0, None),
    "deleted": Kind(NOTHING, 0, None),
}


async def make_user(hass: HomeAssistant, kind: str) -> Context:
    """Return the context of a user of a kind."""
    if kind == "automation":
        return Context()
    if kind == "deleted":
        return Context(user_id="nobody")
    user = MockUser(name="Anna", is_owner=kind == "owner").add_to_hass(hass)

    def table(policy: Any) -> Any:
        return {"entities": {"entity_ids": {TABLE: policy, ACKNOWLEDGE: policy}}}

    area = ar.async_get(hass).async_get_area_by_name(HALL)
    assert area is not None
    policies: dict[str, Any] = {
        "one table": table(True),
        "one area": {"entities": {"area_ids": {area.id: True}}},
        "sees one table": table({"read": True}),
        "controls one table": table({"control": True}),
        "a light": {"entities": {"entity_ids": {"light.hall": True}}},
    }
    groups = {
        "administrator": "system-admin",
        "user": GROUP_ID_USER,
        "read only": GROUP_ID_READ_ONLY,
        "deactivated": GROUP_ID_USER,
        "deactivated administrator": "system-admin",
    }
    if kind in policies:
        user.perm_lookup = PermissionLookup(er.async_get(hass), dr.async_get(hass))
        user.mock_policy(policies[kind])
    elif kind in groups:
        group = await hass.auth.async_get_group(groups[kind])
        assert group is not None
        user.groups = [group]
    if kind.startswith("deactivated"):
        user.is_active = False
    return Context(user_id=user.id)


async def test_every_action_there_is_has_its_row(floor: Floor) -> None:
    registered = set(floor.hass.services.async_services()[DOMAIN])
    tried = {name.split(" ")[0] for name in ACTIONS}
    # An answer of a phone has its user's rights, whoever looks at it; people are for who
    # sees all, and administrators alone have somebody forgotten.
    others = {"get_alerts", "check_answer", "get_people", "forget"}
    assert registered - others <= tried


async def assert_sees(floor: Floor, kind: str, who: Context) -> None:
    """Take that a user gets the alerts of what he may see, and no more."""
    found = (await act(floor.hass, "get_alerts", who))["alerts"]
    assert len(found) == KINDS[kind].sees
    named = KINDS[kind].sees_entry
    if named is None:
        with pytest.raises(Unauthorized):
            await act(floor.hass, "get_alerts", who, entry_id=floor.menu.entry_id)
    else:
        found = await act(floor.hass, "get_alerts", who, entry_id=floor.menu.entry_id)
        assert len(found["alerts"]) == named
    # Who sees all alerts sees all people.
    if KINDS[kind].sees == 2:
        await act(floor.hass, "get_people", who)
    else:
        with pytest.raises(Unauthorized):
            await act(floor.hass, "get_people", who)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_user_sees_and_does_what_he_may(
    floor: Floor, kind: str, alerts: Recorder
) -> None:
    who = await make_user(floor.hass, kind)
    await assert_sees(floor, kind, who)
    refused = set()
    for name, action in ACTIONS.items():
        before = [*floor.menu.runtime_data.alerts.book.alerts]
        sent = len(floor.gateway.sent)
        try:
            await action(floor, who)
        except Unauthorized, UnknownUser:
            refused.add(name)
            # Nothing has happened, to nobody.
            assert floor.menu.runtime_data.alerts.book.alerts == before, name
            assert len(floor.gateway.sent) == sent, name
    assert EVERYTHING - refused == KINDS[kind].does


async def test_whoever_may_do_and_not_see_gets_no_alert_by_doing(floor: Floor) -> None:
    who = await make_user(floor.hass, "controls one table")
    answer = await act(floor.hass, "acknowledge", who, alert_id=floor.alert)
    assert answer == {"alerts": []}
    (taken,) = [
        alert
        for alert in floor.menu.runtime_data.alerts.book.alerts
        if alert.alert_id == floor.alert
    ]
    assert taken.by == "Anna"


async def test_an_error_names_no_table_to_whoever_may_not_see_it(floor: Floor) -> None:
    for kind, tables in (("one table", "Table 6"), ("controls one table", "—")):
        who = await make_user(floor.hass, kind)
        with pytest.raises(ServiceValidationError) as raised:
            await act(
                floor.hass,
                "raise_alert",
                who,
                entry_id=floor.menu.entry_id,
                table="the bar",
            )
        assert (raised.value.translation_placeholders or {})["tables"] == tables


async def test_a_right_that_is_taken_while_nothing_else_changes_counts(
    floor: Floor,
) -> None:
    who = await make_user(floor.hass, "user")
    await act(floor.hass, "acknowledge", who, alert_id=floor.alert)
    assert who.user_id is not None
    user = await floor.hass.auth.async_get_user(who.user_id)
    assert user is not None
    await floor.hass.auth.async_update_user(user, group_ids=[GROUP_ID_READ_ONLY])
    with pytest.raises(Unauthorized):
        await act(floor.hass, "reopen", who, alert_id=floor.alert)
    await floor.hass.auth.async_update_user(user, group_ids=[GROUP_ID_USER])
    await act(floor.hass, "reopen", who, alert_id=floor.alert)
    await floor.hass.auth.async_deactivate_user(user)
    with pytest.raises(Unauthorized):
        await act(floor.hass, "acknowledge", who, alert_id=floor.alert)
    assert (await act(floor.hass, "get_alerts", who)) == {"alerts": []}


@pytest.mark.parametrize(
    ("kind", "by", "shown"),
    [
        ("automation", "Boris", "Boris"),
        ("automation", None, None),
        ("administrator", "Boris", "Boris"),
        ("administrator", None, "Anna"),
        ("user", "Boris", "Anna"),
        ("user", None, "Anna"),
        ("one table", "Boris", "Anna"),
    ],
)
async def test_who_is_no_administrator_acts_in_his_own_name(
    floor: Floor, kind: str, by: str | None, shown: str | None
) -> None:
    who = await make_user(floor.hass, kind)
    data = {"alert_id": floor.alert, **({"by": by} if by else {})}
    (alert,) = (await act(floor.hass, "acknowledge", who, **data))["alerts"]
    assert alert["by"] == shown
    (alert,) = (await act(floor.hass, "reopen", who, **data))["alerts"]
    assert alert["by"] == shown


async def test_a_name_of_whoever_has_it_is_a_short_line(floor: Floor) -> None:
    long = "Anna\n\u202e" + "x" * 3_000_000
    (alert,) = (
        await act(floor.hass, "acknowledge", None, alert_id=floor.alert, by=long)
    )["alerts"]
    assert alert["by"] == f"Anna {'x' * 94}…"
    who = await make_user(floor.hass, "user")
    assert who.user_id is not None
    user = await floor.hass.auth.async_get_user(who.user_id)
    assert user is not None
    user.name = long
    (alert,) = (await act(floor.hass, "reopen", who, alert_id=floor.alert))["alerts"]
    assert alert["by"] == f"Anna {'x' * 94}…"
