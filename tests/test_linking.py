"""An account is linked in the dialogs of Home Assistant, whatever its messenger."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import jwt
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.carbis_alerts.api.green_api import MESSENGERS, Messenger
from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.services.link_image import SIGNED_FOR, link_images
from simulator.faults import Faults
from simulator.green_api import GreenApiService
from simulator.green_api_calls import RATES
from simulator.green_api_linking import IMAGE_GOOD_FOR, SHORTLY, draw
from simulator.green_api_messengers import MODELS

from .flows import WORDS, begin, every_word_known, fix, secrets_kept
from .helpers import state_of, wait_for_state, wait_until
from .linking import Window
from .services.conftest import MakeWhatsApp, make_whatsapp
from .test_green_api_flow import enter
from .timings import timed

__all__ = ["make_whatsapp"]

CONSOLE = "https://console.green-api.com"


@pytest.fixture(autouse=True)
def _often() -> Generator[None]:
    """Look as often as can be."""
    with timed(link_renewal=0.0):
        yield


@pytest.fixture
def _words() -> Generator[None]:
    """Look up every word that a set-up shows."""
    with every_word_known():
        yield


@pytest.fixture(params=["whatsapp"])
async def green_api(request: pytest.FixtureRequest) -> AsyncGenerator[GreenApiService]:
    """Return a running gateway without an account."""
    async with GreenApiService(messenger=request.param) as service:
        service.poll_time = 0.05
        service.state = "notAuthorized"
        yield service


of_each_messenger = pytest.mark.parametrize("green_api", MODELS, indirect=True)


@pytest.fixture
async def stranger(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return somebody who is not signed in."""
    assert await async_setup_component(hass, "http", {})
    link_images(hass)
    return await hass_client_no_auth()


async def open_link(hass: HomeAssistant, green_api: GreenApiService) -> Window:
    """Fill in the form of a new account; return the dialog, which asks how to link it."""
    result = await enter(hass, await begin(hass, "green_api"), green_api)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "link"), result
    return Window(hass, result)


# By an image


@of_each_messenger
@pytest.mark.usefixtures("_words")
async def test_a_new_account_is_linked_by_its_image_and_set_up(
    hass: HomeAssistant,
    green_api: GreenApiService,
    stranger: TestClient[Any, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with secrets_kept(caplog, green_api.token, green_api.phone):
        window = await open_link(hass, green_api)
        has_code = green_api.messenger.has_link_code
        assert window.result["menu_options"] == ["link_qr"] + ["link_code"] * has_code
        shown = window.result["description_placeholders"]
        assert shown == {"messenger": green_api.messenger.title}
        assert green_api.linking.asked == 0, "an image that nobody looks at"

        result = await window.submit(next_step_id="link_qr")
        assert result["type"] is FlowResultType.SHOW_PROGRESS
        # At once: a page may hear of changes only some moments later.
        assert result["progress_action"] == f"link_qr_{green_api.messenger.name}"
        path = await window.image()
        answer = await stranger.get(path)
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "no-store"
        assert await answer.read() == draw(green_api.linking.text)

        green_api.linking.scan()
        result = await window.ended()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data["messenger"] == green_api.messenger.name
    assert (await stranger.get(path)).status == 404, "the image is gone with the flow"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)


@of_each_messenger
async def test_an_image_is_renewed_and_stays_while_it_is_good(
    hass: HomeAssistant, green_api: GreenApiService, stranger: TestClient[Any, Any]
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    first = await window.image()
    asked = green_api.linking.asked
    await green_api.wait_until(lambda: green_api.linking.asked > asked + 3)
    assert window.result["description_placeholders"]["image"] == first

    green_api.linking.renew()
    second = await window.image(other_than=first)
    new = draw(green_api.linking.text)
    assert await (await stranger.get(second)).read() == new
    assert await (await stranger.get(first)).read() == new, "the newest alone is shown"


@pytest.mark.parametrize("messenger", MESSENGERS.values(), ids=MESSENGERS)
def test_an_image_is_asked_for_no_more_often_than_the_service_bears(
    messenger: Messenger,
) -> None:
    # Each look asks for the state, and for the image.
    assert messenger.link_renewal > 1 / min(RATES["getStateInstance"], RATES["qr"])
    assert messenger.link_renewal <= IMAGE_GOOD_FOR.get(messenger.name, SHORTLY)


@pytest.mark.parametrize("messenger", MESSENGERS)
def test_each_messenger_has_words_for_its_image(messenger: str) -> None:
    for words in WORDS.values():
        repair = words["issues"]["not_linked"]["fix_flow"]
        assert repair["progress"] == words["config"]["progress"]
        assert "({image})" in repair["progress"][f"link_qr_{messenger}"]


# The image's address


@pytest.fixture
async def path(
    hass: HomeAssistant, green_api: GreenApiService, stranger: TestClient[Any, Any]
) -> str:
    """Return the path of an image that is shown."""
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    return await window.image()


async def test_an_image_is_behind_a_signature_of_thirty_seconds(
    hass: HomeAssistant,
    hass_access_token: str,
    stranger: TestClient[Any, Any],
    path: str,
) -> None:
    signature = URL(path).query["authSig"]
    claims = jwt.decode(signature, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == SIGNED_FOR.total_seconds() == 30

    bare = URL(path).path
    assert (await stranger.get(bare)).status == 401
    assert (await stranger.get(f"{path}x")).status == 401
    signed_in = {"Authorization": f"Bearer {hass_access_token}"}
    assert (await stranger.get(bare, headers=signed_in)).status == 404
    assert (await stranger.get(path, headers=signed_in)).status == 404
    other = async_sign_path(hass, f"{bare}x", SIGNED_FOR)
    assert (await stranger.get(other)).status == 404
    assert (await stranger.get(path)).status == 200


async def test_an_image_that_is_not_renewed_is_gone(
    hass: HomeAssistant, green_api: GreenApiService, stranger: TestClient[Any, Any]
) -> None:
    with timed(link_renewal=0.0, link_image=0.0):
        window = await open_link(hass, green_api)
        await window.submit(next_step_id="link_qr")
        path = await window.image()
    assert (await stranger.get(path)).status == 404


@of_each_messenger
async def test_who_gives_up_leaves_nothing_behind(
    hass: HomeAssistant, green_api: GreenApiService, stranger: TestClient[Any, Any]
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    path = await window.image()
    hass.config_entries.flow.async_abort(window.result["flow_id"])
    await hass.async_block_till_done()
    assert (await stranger.get(path)).status == 404
    # What was on its way arrives; then nothing comes any more.
    for _ in range(50):
        await hass.async_block_till_done()
    asked = green_api.received
    for _ in range(50):
        await hass.async_block_till_done()
    assert green_api.received == asked
    assert not hass.config_entries.flow.async_progress()
    assert not hass.config_entries.async_entries(DOMAIN)


# What comes instead


@pytest.mark.parametrize(
    ("instead", "error", "said"),
    [
        ({"type": "qrCode", "message": "bm8gcGljdHVyZQ=="}, "not_authorized", None),
        ({"type": "qrCode", "message": "<svg onload=x>"}, "not_authorized", None),
        ({"type": "qrCode", "message": None}, "not_authorized", None),
        ({"type": "passkeyRequired", "message": "x"}, "not_authorized", None),
        ([], "not_authorized", None),
        (
            {"type": "error", "message": "Instance has auth. You need to make log out"},
            "service_refused",
            "Instance has auth. You need to make log out",
        ),
    ],
)
@pytest.mark.usefixtures("_words")
async def test_what_is_no_image_leads_back_to_the_form_in_words(
    hass: HomeAssistant,
    green_api: GreenApiService,
    instead: object,
    error: str,
    said: str | None,
) -> None:
    green_api.linking.instead = instead
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    result = await window.ended()
    assert (result["step_id"], result["errors"]) == ("green_api", {"base": error})
    assert result["description_placeholders"]["said"] == (said or "—")

    green_api.linking.instead = None
    green_api.linking.scan()
    result = await enter(hass, result, green_api)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(refuse=True), "cannot_connect"),
        (Faults(status=503), "cannot_connect"),
        (Faults(status=429), "cannot_connect"),
        (Faults(status=401), "invalid_auth"),
        (Faults(garbage=True), "not_authorized"),
        (Faults(status=400, body="Instance account is expired"), "instance_expired"),
        (Faults(status=403, body="Account is suspended"), "account_restricted"),
        (Faults(status=400, body='{"message": "Bad luck"}'), "service_refused"),
    ],
)
@pytest.mark.usefixtures("_words")
async def test_a_service_that_fails_meanwhile_leads_back_to_the_form(
    hass: HomeAssistant, green_api: GreenApiService, faults: Faults, error: str
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.faults.set(faults)
    result = await window.ended()
    assert (result["step_id"], result["errors"]) == ("green_api", {"base": error})


async def test_a_service_that_fails_for_a_moment_changes_nothing(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.faults.set(Faults(status=503, times=4))
    await wait_until(lambda: green_api.faults.current == Faults())
    green_api.linking.scan()
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY


async def test_a_blocked_account_is_said_to_be_one(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.set_state("blocked")
    assert (await window.ended())["errors"] == {"base": "account_restricted"}


@pytest.mark.usefixtures("_words")
async def test_linking_that_takes_too_long_leads_back_to_the_form(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    with timed(link_renewal=0.0, link_lasts=0.0):
        window = await open_link(hass, green_api)
        await window.submit(next_step_id="link_qr")
        result = await window.ended()
    assert (result["step_id"], result["errors"]) == (
        "green_api",
        {"base": "not_authorized"},
    )


@pytest.mark.usefixtures("_words")
async def test_an_instance_that_starts_is_waited_for(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.set_state("starting")
    await window.shows("link_starting")
    green_api.set_state("authorized")
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY


async def test_an_account_that_was_linked_meanwhile_is_set_up_at_once(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    green_api.linking.scan()
    await window.submit(next_step_id="link_qr")
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY
    assert green_api.linking.asked == 0


# The account's own password


@pytest.mark.parametrize("green_api", ["telegram"], indirect=True)
@pytest.mark.usefixtures("_words")
async def test_a_password_is_entered_in_the_console_and_it_goes_on_by_itself(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.linking.password = "hunter2"
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.linking.scan()
    result = await window.shows("link_password")
    shown = result["description_placeholders"]
    assert shown == {"messenger": "Telegram", "console": CONSOLE}
    asked = green_api.linking.asked
    green_api.linking.enter_password("hunter2")
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY
    assert green_api.linking.asked == asked


@pytest.mark.parametrize("green_api", ["telegram"], indirect=True)
async def test_an_account_whose_password_is_waited_for_is_one_to_link(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.state = "pendingPassword"
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_qr")
    await window.shows("link_password")


# By a code


@pytest.mark.usefixtures("_words")
async def test_an_account_is_linked_by_a_code_for_its_number(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_code")
    result = await window.submit(phone="Anna")
    assert result["errors"] == {"phone": "invalid_phone"}
    result = await window.submit(phone="155508384251501@lid")
    assert result["errors"] == {"phone": "invalid_phone"}
    result = await window.submit(phone="8 900 123-45-67")
    assert (result["type"], result["progress_action"]) == (
        FlowResultType.SHOW_PROGRESS,
        "link_code",
    )
    code = result["description_placeholders"]["code"]
    assert code == green_api.linking.code
    green_api.linking.type_code(code)
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("_words")
async def test_a_code_that_nobody_types_is_asked_for_again(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_code")
    with timed(link_renewal=0.0, link_code=0.0):
        result = await window.submit(phone="+79001234567")
        first = result["description_placeholders"]["code"]
        result = await window.ended()
    assert (result["step_id"], result["errors"]) == (
        "link_code",
        {"base": "code_expired"},
    )
    result = await window.submit(phone="+79001234567")
    second = result["description_placeholders"]["code"]
    assert second not in ("", first)
    green_api.linking.type_code(second)
    assert (await window.ended())["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("faults", "error", "said"),
    [
        (Faults(garbage='{"status": false}'), "service_refused", "—"),
        (Faults(garbage='{"status": true, "code": "<b>"}'), "service_refused", "—"),
        (
            Faults(status=400, body='{"message": "instance is authorized already"}'),
            "service_refused",
            "instance is authorized already",
        ),
        (Faults(status=503), "cannot_connect", "—"),
        (Faults(status=401), "not_authorized", "—"),
    ],
)
@pytest.mark.usefixtures("_words")
async def test_a_code_that_is_refused_is_said_where_the_number_was_typed(
    hass: HomeAssistant,
    green_api: GreenApiService,
    faults: Faults,
    error: str,
    said: str,
) -> None:
    window = await open_link(hass, green_api)
    await window.submit(next_step_id="link_code")
    green_api.faults.set(faults)
    result = await window.submit(phone="+79001234567")
    assert (result["step_id"], result["errors"]) == ("link_code", {"base": error})
    assert result["description_placeholders"]["said"] == said
    green_api.faults.clear()
    result = await window.submit(phone="+79001234567")
    assert result["progress_action"] == "link_code"


# An account that was logged out


@of_each_messenger
@pytest.mark.parametrize("source", ["reconfigure", "reauth"])
@pytest.mark.usefixtures("_words")
async def test_a_change_of_an_entry_links_its_account_too(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    source: str,
) -> None:
    entry = make_whatsapp(green_api)
    result = await enter(hass, await fix(hass, entry, source), green_api)
    assert result["step_id"] == "link"
    window = Window(hass, result)
    await window.submit(next_step_id="link_qr")
    await window.image()
    green_api.linking.scan()
    result = await window.ended()
    assert result["reason"] == f"{source}_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


def issues(hass: HomeAssistant) -> list[str | None]:
    """Return the kinds of the repairs that are open."""
    return [issue.translation_key for issue in ir.async_get(hass).issues.values()]


@pytest.fixture
async def logged_out(
    hass: HomeAssistant, green_api: GreenApiService, make_whatsapp: MakeWhatsApp
) -> Window:
    """Return the repair of an account that was logged out, open."""
    assert await async_setup_component(hass, "repairs", {})
    green_api.state = "authorized"
    entry = make_whatsapp(green_api)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: entry.runtime_data.connection.is_up is True)
    green_api.set_state("notAuthorized")
    await wait_until(lambda: issues(hass) == ["not_linked"])
    manager = hass.data["repairs"]["flow_manager"]
    issue_id = f"not_linked_{entry.entry_id}"
    result = await manager.async_init(DOMAIN, context={"issue_id": issue_id})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "link")
    return Window(hass, result, manager)


@of_each_messenger
async def test_an_account_that_was_logged_out_is_linked_by_its_repair(
    hass: HomeAssistant, green_api: GreenApiService, logged_out: Window
) -> None:
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    has_code = green_api.messenger.has_link_code
    assert logged_out.result["menu_options"] == ["link_qr"] + ["link_code"] * has_code
    await logged_out.submit(next_step_id="link_qr")
    await logged_out.image()
    action = logged_out.result["progress_action"]
    assert action == f"link_qr_{green_api.messenger.name}"
    green_api.linking.scan()
    result = await logged_out.ended()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await wait_until(lambda: issues(hass) == [])
    await hass.async_block_till_done()
    await wait_until(lambda: entry.runtime_data.connection.is_up is True)
    assert entry.runtime_data.source.account.state == "authorized"


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (Faults(status=503), "cannot_connect"),
        (Faults(status=401), "not_authorized"),
        (Faults(status=400, body='{"message": "Bad luck"}'), "service_refused"),
    ],
)
async def test_a_repair_that_fails_says_why_and_stays(
    hass: HomeAssistant,
    green_api: GreenApiService,
    logged_out: Window,
    faults: Faults,
    reason: str,
) -> None:
    await logged_out.submit(next_step_id="link_qr")
    await logged_out.image()
    green_api.faults.set(faults)
    result = await logged_out.ended()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    for words in WORDS.values():
        text = words["issues"]["not_linked"]["fix_flow"]["abort"][reason]
        assert text.format_map(result["description_placeholders"])
    assert "not_linked" in issues(hass)


async def test_a_repair_by_a_code(
    hass: HomeAssistant, green_api: GreenApiService, logged_out: Window
) -> None:
    await logged_out.submit(next_step_id="link_code")
    result = await logged_out.submit(phone="no")
    assert result["errors"] == {"phone": "invalid_phone"}
    result = await logged_out.submit(phone="+79001234567")
    green_api.linking.type_code(result["description_placeholders"]["code"])
    assert (await logged_out.ended())["type"] is FlowResultType.CREATE_ENTRY
    assert set(WORDS["en"]["issues"]["not_linked"]["fix_flow"]["error"]) == {
        *("invalid_phone", "code_expired", "not_authorized"),
        *("cannot_connect", "service_refused"),
    }


async def test_a_repair_goes_by_itself_where_the_account_is_linked_elsewhere(
    hass: HomeAssistant, green_api: GreenApiService, logged_out: Window
) -> None:
    green_api.set_state("authorized")
    await wait_until(lambda: issues(hass) == [])
    await wait_for_state(hass, "sensor.whatsapp_4567_account_state", "authorized")
    assert state_of(hass, "binary_sensor.whatsapp_4567_connection") == "on"
