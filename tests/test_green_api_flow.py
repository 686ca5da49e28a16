"""The set-up of a WhatsApp account at GREEN-API, and of its chats."""

from collections.abc import AsyncGenerator, Generator
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.green_api import GreenApiService

from .flows import Result, begin, every_word_known, fix, short_limits, suggested
from .helpers import wait_until
from .old_tls import TOO_OLD, aged
from .services.conftest import repeated


@pytest.fixture(autouse=True)
def _flows() -> Generator[None]:
    """Look up every word that a flow shows."""
    with every_word_known():
        yield


TITLES = {"whatsapp": "WhatsApp", "max": "MAX", "telegram": "Telegram"}


@pytest.fixture
async def green_api(request: pytest.FixtureRequest) -> AsyncGenerator[GreenApiService]:
    """Return a running gateway, WhatsApp's or as asked for."""
    messenger: str = getattr(request, "param", "whatsapp")
    async with GreenApiService(messenger=messenger) as service:
        service.poll_time = 0.05
        yield service


async def enter(
    hass: HomeAssistant, result: Result, service: GreenApiService, **data: Any
) -> Result:
    """Fill in a form."""
    given = {
        "url": service.url,
        "instance_id": service.instance_id,
        "token": service.token,
        **data,
    }
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {key: given[key] for key in given if given[key] is not None}
    )


async def add(hass: HomeAssistant, service: GreenApiService) -> Any:
    """Add an account and return its entry."""
    result = await enter(hass, await begin(hass, "green_api"), service)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return result["result"]


async def test_an_account_is_added_under_the_end_of_its_number(
    hass: HomeAssistant, green_api: GreenApiService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    entry = await add(hass, green_api)
    assert entry.title == "WhatsApp …4567"
    assert entry.data["instance_id"] == green_api.instance_id
    assert green_api.phone not in caplog.text
    assert entry.supports_options
    assert set(entry.supported_subentry_types) == {"chat"}


@pytest.mark.parametrize("said", [True, False], ids=["said", "by its id"])
@pytest.mark.parametrize("messenger", TITLES)
async def test_the_messenger_is_found_out(
    hass: HomeAssistant, messenger: str, said: bool
) -> None:
    async with GreenApiService(messenger=messenger) as service:
        service.poll_time = 0.05
        if said:
            # An id that says nothing.
            service.instance_id = "5500000001"
            service.settings["typeInstance"] = service.messenger.service_name
        else:
            service.settings.pop("typeInstance", None)
        entry = await add(hass, service)
        assert entry.data["messenger"] == messenger
        assert entry.title == f"{TITLES[messenger]} …4567"
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("chosen", TITLES)
@pytest.mark.parametrize("messenger", TITLES)
async def test_a_wrong_choice_is_an_error_that_names_the_right_one(
    hass: HomeAssistant, messenger: str, chosen: str
) -> None:
    async with GreenApiService(messenger=messenger) as service:
        service.poll_time = 0.05
        result = await begin(hass, "green_api")
        result = await enter(hass, result, service, messenger=chosen)
        if chosen != messenger:
            assert result["errors"] == {"messenger": "other_messenger"}
            assert result["description_placeholders"]["said"] == TITLES[messenger]
            assert suggested(result)["messenger"] == chosen
            result = await enter(hass, result, service, messenger=messenger)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        assert result["data"]["messenger"] == messenger
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_where_nothing_says_the_messenger_the_choice_counts(
    hass: HomeAssistant,
) -> None:
    async with GreenApiService(messenger="telegram") as service:
        service.poll_time = 0.05
        service.instance_id = "5500000001"
        del service.settings["typeInstance"]
        result = await begin(hass, "green_api")
        result = await enter(hass, result, service, messenger="telegram")
        assert result["data"]["messenger"] == "telegram"
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize("source", ["reconfigure", "reauth"])
async def test_an_entry_of_0_1_learns_its_messenger_when_it_is_changed(
    hass: HomeAssistant, source: str
) -> None:
    async with GreenApiService(messenger="max") as service:
        service.poll_time = 0.05
        # An id that says nothing, and no notification yet.
        service.instance_id = "5500000001"
        entry = await add(hass, service)
        old = {key: entry.data[key] for key in entry.data if key != "messenger"}
        old["title"] = "WhatsApp …4567"
        hass.config_entries.async_update_entry(entry, data=old, title=old["title"])
        await hass.async_block_till_done()
        assert entry.title == "WhatsApp …4567"
        result = await enter(hass, await fix(hass, entry, source), service, token=None)
        assert result["reason"] == f"{source}_successful"
        assert (entry.data["messenger"], entry.title) == ("max", "MAX …4567")
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_without_a_known_number_the_title_ends_like_the_instance(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    del green_api.settings["wid"]
    entry = await add(hass, green_api)
    assert entry.title == f"WhatsApp …{green_api.instance_id[-4:]}"


@repeated
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Faults(refuse=True), "cannot_connect"),
        (Faults(status=503), "cannot_connect"),
        (Faults(half_open=True), "timeout"),
        (Faults(status=401), "invalid_auth"),
        (Faults(status=403), "invalid_auth"),
        (Faults(status=404), "invalid_response"),
        (Faults(garbage=True), "invalid_response"),
        (Faults(garbage="{}"), "invalid_response"),
        (
            Faults(
                status=400,
                body="Instance account is expired. Renew your instance from personal area",
            ),
            "instance_expired",
        ),
        (
            Faults(status=400, body='{"message": "Instance is deleted"}'),
            "instance_deleted",
        ),
        (Faults(status=400, body="custom webhook url is set"), "webhook_url_set"),
        (Faults(status=403, body="Account is suspended"), "account_restricted"),
        (Faults(status=403, body="Instance account is expired"), "instance_expired"),
        (
            Faults(status=403, body='{"error": "Instance is deleted"}'),
            "instance_deleted",
        ),
        (Faults(status=403, body="The token is expired"), "invalid_auth"),
    ],
)
async def test_errors_are_reported_and_the_next_try_works(
    hass: HomeAssistant, green_api: GreenApiService, fault: Faults, error: str
) -> None:
    green_api.faults.set(fault)
    with short_limits(fault):
        result = await enter(hass, await begin(hass, "green_api"), green_api)
    assert result["errors"] == {"base": error}
    green_api.faults.clear()
    result = await enter(hass, result, green_api)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_reason_that_is_not_known_is_shown_in_the_services_own_words(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.faults.set(
        Faults(status=400, body='{"message": "Tariff *forbids* this, see <console>"}')
    )
    result = await enter(hass, await begin(hass, "green_api"), green_api)
    assert result["errors"] == {"base": "service_refused"}
    assert result["description_placeholders"]["said"] == "Tariff this, see"


@pytest.mark.parametrize(
    "page",
    [
        *("/console/instances?x=1", "/v3", "/v3/", " /docs/#api "),
        "/waInstance1101000001/getStateInstance/s3cret",
        "/v3/waInstance1101000001/getStateInstance/s3cret",
    ],
)
async def test_the_address_of_a_page_or_method_is_the_servers(
    hass: HomeAssistant, green_api: GreenApiService, page: str
) -> None:
    url = f"{green_api.url}{page}"
    result = await enter(hass, await begin(hass, "green_api"), green_api, url=url)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["data"]["url"] in (green_api.url, f"{green_api.url}/")


async def test_encryption_that_is_too_old_is_reported_so(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    for setting in TOO_OLD.values():
        await green_api.set_certificate(aged(setting))
        result = await enter(hass, await begin(hass, "green_api"), green_api)
        assert result["errors"] == {"base": "tls_too_old"}


@repeated
async def test_an_account_that_receives_nothing_is_reported(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.state = "blocked"
    result = await enter(hass, await begin(hass, "green_api"), green_api)
    assert result["errors"] == {"base": "account_restricted"}
    green_api.state = "sleepMode"
    result = await enter(hass, result, green_api)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "data", [{"instance_id": "../x"}, {"token": "a/b"}, {"token": " "}]
)
async def test_what_cannot_be_an_instance_or_token_is_not_sent(
    hass: HomeAssistant, green_api: GreenApiService, data: dict[str, str]
) -> None:
    result = await enter(hass, await begin(hass, "green_api"), green_api, **data)
    assert result["errors"] == {"base": "invalid_auth"}
    assert green_api.received == 0


@repeated
@pytest.mark.parametrize(
    ("settings", "error", "changes"),
    [
        (
            {"webhookUrl": "https://crm.example/hook"},
            "webhook_url_set",
            ["webhookUrl"],
        ),
        ({"incomingWebhook": "no"}, "notifications_disabled", ["incomingWebhook"]),
        ({"catalogWebhook": "no"}, "notifications_disabled", ["catalogWebhook"]),
        (
            {"webhookUrl": "https://x.example", "stateWebhook": "no"},
            "webhook_url_set",
            ["webhookUrl", "stateWebhook"],
        ),
    ],
)
async def test_settings_that_keep_notifications_away_are_shown_and_fixed(
    hass: HomeAssistant,
    green_api: GreenApiService,
    settings: dict[str, str],
    error: str,
    changes: list[str],
) -> None:
    before = dict(green_api.settings)
    green_api.settings.update(settings)
    result = await enter(hass, await begin(hass, "green_api"), green_api)
    assert result["step_id"] == "mend"
    shown = result["description_placeholders"]["changes"]
    assert all(f"`{name}`" in shown for name in changes)
    assert len(shown.splitlines()) == len(changes)

    configure = hass.config_entries.flow.async_configure
    result = await configure(result["flow_id"], {"confirm": False})
    assert (result["step_id"], result["errors"]) == ("mend", {"base": error})
    assert {**before, **settings} == green_api.settings

    green_api.faults.set(Faults(status=503))
    result = await configure(result["flow_id"], {"confirm": True})
    assert result["errors"] == {"base": "cannot_connect"}
    green_api.faults.clear()
    result = await configure(result["flow_id"], {"confirm": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert green_api.settings == {
        **before,
        **dict.fromkeys(settings, "yes"),
        **({"webhookUrl": ""} if "webhookUrl" in settings else {}),
    }


async def test_the_same_instance_is_refused_wherever_it_is(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    await add(hass, green_api)
    async with GreenApiService() as again:
        result = await enter(hass, await begin(hass, "green_api"), again)
        assert result["reason"] == "already_configured"
    async with GreenApiService(instance_id="1101000002") as other:
        other.poll_time = 0.05
        result = await enter(hass, await begin(hass, "green_api"), other)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize("source", ["reconfigure", "reauth"])
async def test_an_entry_stays_with_its_instance(
    hass: HomeAssistant, green_api: GreenApiService, source: str
) -> None:
    entry = await add(hass, green_api)
    result = await fix(hass, entry, source)
    result = await enter(hass, result, green_api, instance_id="1101000002")
    assert result["reason"] == "wrong_account"


async def test_a_new_token_is_taken_and_a_blank_one_stays(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    entry = await add(hass, green_api)
    old, green_api.token = green_api.token, "a" * 50
    result = await fix(hass, entry, "reauth")
    result = await enter(hass, result, green_api, token=None)
    assert result["errors"] == {"base": "invalid_auth"}
    result = await enter(hass, result, green_api)
    assert result["reason"] == "reauth_successful"
    assert entry.data["token"] == "a" * 50 != old

    result = await fix(hass, entry, "reconfigure")
    result = await enter(hass, result, green_api, token=None, url=f"{green_api.url}/")
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["token"] == "a" * 50
    await hass.async_block_till_done()


async def test_a_certificate_is_asked_about_before_the_token_is_sent(
    hass: HomeAssistant,
) -> None:
    certificate = make_certificate()
    async with GreenApiService(certificate=certificate) as service:
        service.poll_time = 0.05
        result = await enter(hass, await begin(hass, "green_api"), service)
        assert result["step_id"] == "certificate"
        assert service.received == 0
        result = await hass.config_entries.flow.async_configure(
            result["flow_id"], {"trust": True}
        )
        assert result["type"] is FlowResultType.CREATE_ENTRY
        entry = result["result"]
        assert entry.data["fingerprint"] == certificate.fingerprint
        await hass.async_block_till_done()
        await hass.config_entries.async_unload(entry.entry_id)


async def chat(
    hass: HomeAssistant, entry: Any, result: Result | None = None, **data: Any
) -> Result:
    """Fill in the form of a chat."""
    if result is None:
        result = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "chat"), context={"source": SOURCE_USER}
        )
    return await hass.config_entries.subentries.async_configure(result["flow_id"], data)


async def test_chats_are_added_by_number_or_id_renamed_and_removed(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    entry = await add(hass, green_api)
    result = await chat(hass, entry, name="Анна", chat_id="anonymous")
    assert result["errors"] == {"chat_id": "invalid_chat"}
    result = await chat(hass, entry, result, name=" ", chat_id="+79821234567")
    assert result["errors"] == {"name": "no_name"}
    result = await chat(hass, entry, result, name="Анна", chat_id="8 982 123-45-67")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    result = await chat(hass, entry, name="Again", chat_id="79821234567@c.us")
    assert result["reason"] == "already_configured"
    result = await chat(hass, entry, name="Кухня", chat_id="120363043968066561@g.us")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    first, second = entry.subentries.values()
    assert first.data["chat_id"] == "79821234567@c.us"
    await wait_until(lambda: len(entry.runtime_data.devices.all) == 2)

    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "chat"),
        context={"source": "reconfigure", "subentry_id": first.subentry_id},
    )
    result = await chat(hass, entry, result, name=" ")
    assert result["errors"] == {"name": "no_name"}
    result = await chat(hass, entry, result, name="Анна К.")
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    (device,) = [
        device
        for device in entry.runtime_data.devices.all.values()
        if device.id == "79821234567@c.us"
    ]
    assert device.name == "Анна К."

    hass.config_entries.async_remove_subentry(entry, second.subentry_id)
    await hass.async_block_till_done()
    await wait_until(lambda: len(entry.runtime_data.devices.all) == 1)


PHONE = "+7 982 123-45-67"


@pytest.fixture
async def by_id(
    hass: HomeAssistant, request: pytest.FixtureRequest
) -> AsyncGenerator[tuple[GreenApiService, Any]]:
    """Return a gateway whose ids hold no numbers, and its entry."""
    async with GreenApiService(messenger=request.param) as service:
        service.poll_time = 0.05
        entry = await add(hass, service)
        yield service, entry
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("by_id", ["max", "telegram"], indirect=True)
async def test_whose_id_is_no_number_is_looked_up_once(
    hass: HomeAssistant, by_id: tuple[GreenApiService, Any]
) -> None:
    service, entry = by_id
    result = await chat(hass, entry, name=" ", chat_id=PHONE)
    assert result["errors"] == {"name": "no_name"}
    result = await chat(hass, entry, result, name="Анна", chat_id="8 982 123 45 67")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    guest = service.chat_id(PHONE.replace(" ", "").replace("-", ""))
    (subentry,) = entry.subentries.values()
    assert subentry.data["chat_id"] == guest
    assert service.looked_up == [guest]
    # Asked once a form; an id of WhatsApp is a number too.
    for again in (guest, "79821234567@c.us"):
        result = await chat(hass, entry, name="Again", chat_id=again)
        assert result["reason"] == "already_configured"


@pytest.mark.parametrize("by_id", ["max", "telegram"], indirect=True)
@pytest.mark.parametrize("chat_id", ["10000000", "-10000000000000", "‐1001234567890"])
async def test_an_id_that_is_a_number_is_taken_as_it_is(
    hass: HomeAssistant, by_id: tuple[GreenApiService, Any], chat_id: str
) -> None:
    service, entry = by_id
    result = await chat(hass, entry, name="Кухня", chat_id=f" {chat_id} ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = entry.subentries.values()
    assert subentry.data["chat_id"] == chat_id.replace("‐", "-")
    assert service.looked_up == []
    await hass.async_block_till_done()


@pytest.mark.parametrize("by_id", ["max"], indirect=True)
async def test_whom_the_service_does_not_find_is_an_error_in_words(
    hass: HomeAssistant, by_id: tuple[GreenApiService, Any]
) -> None:
    service, entry = by_id
    nobody = service.chat_id("+79990000000")
    service.other_ids = {nobody: None}
    result = await chat(hass, entry, name="Анна", chat_id="anonymous")
    assert result["errors"] == {"chat_id": "invalid_chat"}
    result = await chat(hass, entry, result, name="Анна", chat_id="+49 30 1234567")
    assert result["errors"] == {"chat_id": "number_abroad"}
    for _ in range(2):
        result = await chat(hass, entry, result, name="Анна", chat_id="79990000000")
        assert result["errors"] == {"chat_id": "no_account"}
    assert service.looked_up == [nobody]
    service.faults.set(Faults(status=429))
    result = await chat(hass, entry, result, name="Анна", chat_id=PHONE)
    assert result["errors"] == {"chat_id": "lookup_failed"}
    service.faults.set(Faults(garbage="{}"))
    result = await chat(hass, entry, result, name="Анна", chat_id=PHONE)
    assert result["errors"] == {"chat_id": "lookup_failed"}
    service.faults.clear()
    assert await hass.config_entries.async_unload(entry.entry_id)
    result = await chat(hass, entry, result, name="Анна", chat_id=PHONE)
    assert result["errors"] == {"chat_id": "lookup_failed"}
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await chat(hass, entry, result, name="Анна", chat_id=PHONE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_what_counts_as_an_answer_is_an_option(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    entry = await add(hass, green_api)
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    assert shown["data_schema"] is not None
    assert shown["data_schema"]({})["answers"] == "not_automatic"
    result = await hass.config_entries.options.async_configure(
        shown["flow_id"], {"answers": "any"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options["answers"] == "any"
