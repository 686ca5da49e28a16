"""Answers of phones: who is believed, with Home Assistant's own app and real users."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.phone_answers import HOLDS_FOR
from custom_components.carbis_alerts.runtime.sealing import STORAGE_KEY
from simulator.green_api import GreenApiService
from simulator.qr_menu import QrMenuService

from ..alerts import get_alerts, table_calls
from ..clock import wall_clock
from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakeWhatsApp
from ..team.teams import gather, somebody
from .conftest import Automate, Register
from .real_phones import Pushes
from .staff import Staff

GUEST: Final = "79821234567@c.us"
STRANGER: Final = "79990000000@c.us"


@pytest.fixture
async def staff(
    hass: HomeAssistant,
    register: Register,
    hass_client: ClientSessionGenerator,
    pushes: Pushes,
) -> Staff:
    """Return a staff of Anna and Boris; Rita may only look."""
    people = Staff(hass, hass_client, pushes)
    for name, group in (
        ("Anna", GROUP_ID_USER),
        ("Boris", GROUP_ID_ADMIN),
        ("Rita", GROUP_ID_READ_ONLY),
    ):
        await people.add(name, group)
    return people


@pytest.fixture
async def called(
    hass: HomeAssistant,
    staff: Staff,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    alerts: Recorder,
    automate: Automate,
) -> dict[str, Any]:
    """Have table 6 call all of them, and return its alert."""
    await automate(
        "push",
        staff=[{"phone": phone.device_id} for phone in staff.phones.values()],
    )
    opened: dict[str, Any] = await table_calls(qr_menu, alerts, "6")
    await wait_until(lambda: all(staff.pushes.of(name) for name in staff.phones))
    return opened


async def ask(
    hass: HomeAssistant,
    action: str,
    data: dict[str, Any],
    context: Context | None = None,
) -> Any:
    """Call an action of ours, of which a field may be called as anything here."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


async def waits(hass: HomeAssistant) -> bool:
    """Return whether somebody still waits, once all is done."""
    await hass.async_block_till_done()
    return bool(await get_alerts(hass, state="open"))


@pytest.mark.parametrize("name", ["Anna", "Boris"])
async def test_the_user_of_the_phone_takes_the_call_by_name_and_once(
    hass: HomeAssistant,
    staff: Staff,
    called: dict[str, Any],
    alerts: Recorder,
    name: str,
) -> None:
    action = staff.action(name)
    for _ in range(2):
        await staff.phones[name].fire(action)
        assert not await waits(hass)
    (taken,) = (data for data in alerts.data if data["action"] == "acknowledged")
    assert taken["by"] == name


async def _made_up(hass: HomeAssistant, staff: Staff, alert: dict[str, Any]) -> None:
    for action in (
        f"carbis_alerts-coming-{alert['alert_id']}-all-{staff.phones['Anna'].device_id}",
        f"carbis_alerts|automation.push_1|coming|{alert['alert_id']}|||||||",
        "carbis_alerts|automation.push_1|",
        "carbis_alerts|automation.push_1|" + "|" * 100_000,
    ):
        await staff.phones["Rita"].fire(action)


async def _of_another(hass: HomeAssistant, staff: Staff, _: dict[str, Any]) -> None:
    for name in ("Boris", "Rita"):
        await staff.phones[name].fire(staff.action("Anna"))


async def _without_rights(hass: HomeAssistant, staff: Staff, _: dict[str, Any]) -> None:
    await staff.phones["Rita"].fire(staff.action("Rita"))


async def _tampered(hass: HomeAssistant, staff: Staff, alert: dict[str, Any]) -> None:
    for index, old, new in (
        (0, alert["alert_id"], "01M804A1V7Q0X3ZJ5R1YB8H2KD"),
        (0, staff.phones["Anna"].device_id, staff.phones["Boris"].device_id),
        (1, "not_me", "coming"),
    ):
        action = staff.action("Anna", index)
        assert old in action
        await staff.phones["Anna"].fire(action.replace(old, new))


async def _deactivated(hass: HomeAssistant, staff: Staff, _: dict[str, Any]) -> None:
    await hass.auth.async_deactivate_user(staff.users["Anna"])
    await staff.phones["Anna"].fire(staff.action("Anna"))


async def _registered_again(
    hass: HomeAssistant, staff: Staff, _: dict[str, Any]
) -> None:
    phone = await staff.register("Boris", "Anna")
    await phone.fire(staff.action("Anna"))


async def _gone(hass: HomeAssistant, staff: Staff, _: dict[str, Any]) -> None:
    phone = staff.phones["Anna"]
    await hass.config_entries.async_remove(phone.entry.entry_id)
    hass.bus.async_fire(
        "mobile_app_notification_action",
        {"action": staff.action("Anna")},
        context=Context(user_id=staff.users["Anna"].id),
    )


async def _without_user(hass: HomeAssistant, staff: Staff, _: dict[str, Any]) -> None:
    data = {"action": staff.action("Anna")}
    hass.bus.async_fire("mobile_app_notification_action", data)


@pytest.mark.parametrize(
    "attacks",
    [
        [
            _made_up,
            _of_another,
            _without_rights,
            _tampered,
            _without_user,
            _deactivated,
        ],
        [_registered_again],
        [_gone],
    ],
    ids=["others", "registered again", "gone"],
)
async def test_nobody_else_takes_it_nor_sends_it_on(
    hass: HomeAssistant,
    staff: Staff,
    called: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    attacks: list[Any],
) -> None:
    for attack in attacks:
        await attack(hass, staff, called)
        assert await waits(hass), attack.__name__
    # However many are made up, the log has a line a minute.
    assert caplog.text.count("was ignored") <= 1
    assert all(len(staff.pushes.of(name)) == 1 for name in ("Anna", "Boris", "Rita"))


async def test_an_answer_holds_for_a_week_and_over_a_new_start(
    hass: HomeAssistant,
    staff: Staff,
    called: dict[str, Any],
    hass_storage: dict[str, Any],
) -> None:
    action, user_id = staff.action("Anna"), staff.users["Anna"].id
    assert set(hass_storage[STORAGE_KEY]["data"]) == {"secret"}

    async def check(**data: Any) -> Any:
        return await ask(hass, "check_answer", {**right, **data})

    right = {"action": action, "user_id": user_id}

    said = await check()
    assert (said["answer"], said["by"], said["alert_id"]) == (
        "coming",
        "Anna",
        called["alert_id"],
    )
    for wrong in ({"action": None}, {"user_id": None}, {"action": action[:-1]}):
        assert set((await check(**wrong)).values()) == {None}
    with (
        wall_clock(dt_util.utcnow() + HOLDS_FOR + timedelta(seconds=2)),
        pytest.raises(ServiceValidationError) as too_old,
    ):
        await check()
    assert too_old.value.translation_key == "answer_too_old"


async def test_who_answers_is_the_person_of_the_team_by_an_old_automation_too(
    hass: HomeAssistant, staff: Staff, called: dict[str, Any]
) -> None:
    user_id = staff.users["Anna"].id
    hass.states.async_set("person.anna", "home", {"user_id": user_id})
    await gather(hass, somebody("Anna P.", person_entity="person.anna"))
    asked = {"action": staff.action("Anna"), "user_id": user_id}
    said = await ask(hass, "check_answer", asked)
    assert (said["by"], said["person_id"]) == ("Anna P.", "anna p.")
    # Those of before pass the name on, and know of no person.
    answer = {"alert_id": called["alert_id"], "by": said["by"]}
    taken = await ask(hass, "acknowledge", answer)
    (alert,) = taken["alerts"]
    assert (alert["by"], alert["person_id"]) == ("Anna P.", "anna p.")


async def test_nobody_offers_answers_to_what_he_may_not_do(
    hass: HomeAssistant, staff: Staff, called: dict[str, Any], entry: MockConfigEntry
) -> None:
    offer: dict[str, Any] = {
        "offered_by": "automation.push_1",
        "phones": [staff.phones["Rita"].device_id, "no phone"],
        "answers": "coming",
        "alert_id": called["alert_id"],
    }
    rita = Context(user_id=staff.users["Rita"].id)
    with pytest.raises(Unauthorized):
        await ask(hass, "offer_answers", offer, rita)
    offered = (await ask(hass, "offer_answers", offer))["phones"]
    assert offered["no phone"] == {}
    asked = {
        "action": offered[offer["phones"][0]]["coming"],
        "user_id": rita.user_id,
    }
    with pytest.raises(Unauthorized):
        await ask(hass, "check_answer", asked)
    # Nor does anybody check another's.
    anna = Context(user_id=staff.users["Anna"].id)
    with pytest.raises(Unauthorized):
        await ask(hass, "check_answer", asked, anna)
    with pytest.raises(ServiceValidationError):
        await ask(hass, "offer_answers", {**offer, "alert_id": "gone"})
    del offer["alert_id"]
    with pytest.raises(ServiceValidationError):
        await ask(hass, "offer_answers", offer)


async def test_a_message_goes_to_the_chat_that_was_shown_and_to_no_other(
    hass: HomeAssistant,
    staff: Staff,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    automate: Automate,
) -> None:
    whatsapp = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(whatsapp.entry_id)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: not whatsapp.runtime_data.source._late)
    await automate(
        "whatsapp_answer",
        phones=[phone.device_id for phone in staff.phones.values()],
    )
    green_api.message(GUEST, "A table for two?")
    await wait_until(lambda: all(staff.pushes.of(name) for name in staff.phones))
    action = staff.action("Rita")
    mark = f"CARBIS_ANSWER|automation.whatsapp_answer_1|{whatsapp.entry_id}"
    for forged in (
        f"{mark}|{STRANGER}|1",
        action,
        action.replace(GUEST, STRANGER),
        staff.action("Anna"),
    ):
        await staff.phones["Rita"].fire(forged, reply_text="Spam")
    await staff.phones["Anna"].fire(
        staff.action("Anna").replace(GUEST, STRANGER), reply_text="Spam"
    )
    await hass.async_block_till_done()
    # Nor does anybody make the other phones show a text.
    assert all(len(staff.pushes.of(name)) == 1 for name in staff.phones)
    await staff.phones["Anna"].fire(staff.action("Anna"), reply_text="Yes")
    (sent,) = await green_api.wait_for_sent(1)
    assert (sent.chat_id, sent.text) == (GUEST, "Yes")
