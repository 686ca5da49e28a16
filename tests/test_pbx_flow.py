"""The set-up of a PBX, over either transport, and of its contacts."""

from collections.abc import AsyncGenerator, Generator
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.pbx import PbxService

from .api.conftest import raw_server
from .flows import Result, begin, every_word_known, fix, short_limits, suggested
from .old_tls import TOO_OLD, aged

SSE = {"transport": "sse"}
WEBHOOK = {"transport": "webhook"}


@pytest.fixture(autouse=True)
def _flows() -> Generator[None]:
    """Look up every word that a flow shows."""
    with every_word_known():
        yield


@pytest.fixture
async def pbx() -> AsyncGenerator[PbxService]:
    """Return a running PBX."""
    async with PbxService() as service:
        yield service


@pytest.fixture
async def _web(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Serve Home Assistant's web hooks, and give it its own address."""
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("")).rstrip("/")


async def enter(hass: HomeAssistant, result: Result, **data: Any) -> Result:
    """Fill in a form."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], data)


async def add(hass: HomeAssistant, pbx: PbxService, **data: Any) -> Result:
    """Add a PBX and return the entry."""
    result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **{**SSE, **data})
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return result["result"]


async def test_the_form_proposes_the_vendors_cloud_and_the_event_stream(
    hass: HomeAssistant,
) -> None:
    result = await begin(hass, "pbx")
    proposed = {
        str(key): key.default()
        for key in result["data_schema"].schema
        if callable(key.default)
    }
    assert proposed == {"url": "https://api.sprecord.cloud", "transport": "sse"}


async def test_a_stream_that_stands_makes_an_entry_and_the_probe_is_closed_before(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    pbx.max_streams = 1
    entry = await add(hass, pbx)
    assert entry.title == "127.0.0.1"
    assert entry.state is ConfigEntryState.LOADED
    await pbx.wait_for_streams(1)
    assert entry.data == {
        "service": "pbx",
        "url": pbx.url,
        "fingerprint": None,
        "transport": "sse",
        "token": None,
        "username": None,
        "password": None,
    }


@pytest.mark.parametrize(
    "page", ["/docs#/events", "/sys/events?x=1", " /admin/settings/ ", "/sys/other"]
)
async def test_the_address_of_a_page_is_the_servers(
    hass: HomeAssistant, pbx: PbxService, page: str
) -> None:
    result = await enter(hass, await begin(hass, "pbx"), url=f"{pbx.url}{page}", **SSE)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["data"]["url"] in (pbx.url, f"{pbx.url}/")


@pytest.mark.usefixtures("_web")
async def test_the_address_of_a_page_is_the_servers_by_hook_too(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    url = f"{pbx.url}/admin/settings"
    result = await enter(hass, await begin(hass, "pbx"), url=url, **WEBHOOK)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    assert result["data"]["url"] in (pbx.url, f"{pbx.url}/")


async def test_encryption_that_is_too_old_is_reported_so(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    for setting in TOO_OLD.values():
        await pbx.set_certificate(aged(setting))
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **SSE)
        assert result["errors"] == {"base": "tls_too_old"}


async def test_a_server_that_compresses_its_stream_is_reported_as_such(
    hass: HomeAssistant,
) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        b"Content-Encoding: zstd\r\n\r\n"
    )
    async with raw_server(answer, stay=True) as server:
        result = await enter(hass, await begin(hass, "pbx"), url=str(server.url), **SSE)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "stream_compressed"}


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
        (Faults(no_content=True), "invalid_response"),
    ],
)
@pytest.mark.parametrize("transport", [SSE, WEBHOOK])
@pytest.mark.usefixtures("_web")
async def test_errors_are_reported_and_the_next_try_works(
    hass: HomeAssistant,
    pbx: PbxService,
    fault: Faults,
    error: str,
    transport: dict[str, str],
) -> None:
    pbx.faults.set(fault)
    with short_limits(fault):
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **transport)
    assert result["errors"] == {"base": error}
    pbx.faults.clear()
    result = await enter(hass, result, url=pbx.url, **transport)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "credentials",
    [{"token": "secret"}, {"username": "staff", "password": "secret"}],
)
async def test_credentials_are_sent_as_the_pbx_wants_them(
    hass: HomeAssistant, credentials: dict[str, str]
) -> None:
    async with PbxService(**credentials) as pbx:  # type: ignore[arg-type]  # all text
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **SSE)
        assert result["errors"] == {"base": "invalid_auth"}
        result = await enter(hass, result, url=pbx.url, **SSE, **credentials)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        entry = result["result"]
        await pbx.wait_for_streams(1)

        # Left blank they stay as they are; the user name is shown.
        result = await fix(hass, entry, "reconfigure")
        shown = {
            str(key): key.description["suggested_value"]
            for key in result["data_schema"].schema
            if key.description
        }
        assert "secret" not in shown.values()
        result = await enter(
            hass,
            result,
            url=pbx.url,
            **SSE,
            **{key: value for key, value in credentials.items() if key == "username"},
        )
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["token"] == credentials.get("token")
        assert entry.data["password"] == credentials.get("password")
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_the_same_pbx_with_the_same_credentials_is_refused(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    await add(hass, pbx)
    result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **SSE)
    assert result["reason"] == "already_configured"
    result = await enter(
        hass, await begin(hass, "pbx"), url=pbx.url, token="other", **SSE
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("_web")
async def test_a_hook_is_tried_out_and_learns_the_device(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    assert entry.data["device_id"] == pbx.device_id
    assert pbx.hook is not None
    assert pbx.hook["hook"].endswith(f"/api/webhook/{entry.data['webhook_id']}")

    # The same device at another address is the same PBX.
    async with PbxService() as again:
        result = await enter(hass, await begin(hass, "pbx"), url=again.url, **WEBHOOK)
        assert result["reason"] == "already_configured"
    # And another device is not this entry's.
    async with PbxService(device_id="another") as other:
        result = await fix(hass, entry, "reconfigure")
        result = await enter(hass, result, url=other.url, **WEBHOOK)
        assert result["reason"] == "wrong_account"


@pytest.mark.usefixtures("_web")
async def test_a_hook_that_is_refused_in_both_dialects_is_reported(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    with patch.object(pbx.hooks, "verify", return_value=False):
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **WEBHOOK)
        assert result["errors"] == {"base": "hook_refused"}
    assert pbx.answered == 2
    result = await enter(hass, result, url=pbx.url, **WEBHOOK)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("_web")
async def test_a_call_during_the_try_is_sent_back_and_no_device_need_be_named(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    statuses: list[int] = []

    async def call_first(address: str, *_: object) -> bool:
        """Trust every hook, and send a call to it at once."""
        message = {
            "device_id": pbx.device_id,
            "event_type": "incoming_call",
            "payload": {"call_id": 8, "call_src": "+79821234567", "call_dst": "107"},
        }
        async with ClientSession() as session:
            answer = await session.post(address, json=message)
            statuses.append(answer.status)
        return True

    with patch.object(pbx.hooks, "verify", call_first):
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **WEBHOOK)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert statuses[0] == HTTPStatus.SERVICE_UNAVAILABLE
    assert "device_id" not in result["data"]


async def test_a_hook_needs_an_address_of_home_assistant(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    result = await enter(hass, await begin(hass, "pbx"), **WEBHOOK)
    assert result["errors"] == {"base": "no_external_url"}
    result = await enter(hass, result, url=pbx.url, **SSE)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("_web")
async def test_the_transport_can_be_switched_both_ways(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    pbx.max_streams = 1
    entry = await add(hass, pbx)
    await pbx.wait_for_streams(1)
    for transport, streams in ((WEBHOOK, 0), (SSE, 1)):
        result = await fix(hass, entry, "reconfigure")
        result = await enter(hass, result, url=pbx.url, **transport)
        assert result["reason"] == "reconfigure_successful", result
        await hass.async_block_till_done()
        await pbx.wait_until(lambda wanted=streams: pbx.streams == wanted)  # type: ignore[misc]  # a lambda's default
        assert entry.data["transport"] == transport["transport"]
        assert ("webhook_id" in entry.data) is (transport is WEBHOOK)


async def test_a_probe_that_fails_leaves_the_running_stream_as_it_was(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx)
    await pbx.wait_for_streams(1)
    result = await fix(hass, entry, "reconfigure")
    async with PbxService(token="secret") as other:
        result = await enter(hass, result, url=other.url, **SSE)
    assert result["errors"] == {"base": "invalid_auth"}
    await pbx.wait_for_streams(1)


async def test_reauthentication_takes_new_credentials(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx)
    pbx.token = "new"
    result = await fix(hass, entry, "reauth")
    result = await enter(hass, result, url=pbx.url, **SSE)
    assert result["errors"] == {"base": "invalid_auth"}
    result = await enter(hass, result, url=pbx.url, token="new", **SSE)
    assert result["reason"] == "reauth_successful"
    assert entry.data["token"] == "new"


async def test_a_certificate_is_asked_about_and_pinned(hass: HomeAssistant) -> None:
    certificate = make_certificate()
    async with PbxService(certificate=certificate) as pbx:
        result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **SSE)
        assert result["step_id"] == "certificate"
        assert pbx.received == 0
        result = await enter(hass, result, trust=True)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].data["fingerprint"] == certificate.fingerprint
        await pbx.wait_for_streams(1)
        await hass.config_entries.async_unload(result["result"].entry_id)


async def contact(
    hass: HomeAssistant, entry: Any, result: Result | None = None, **data: Any
) -> Result:
    """Fill in the form of a contact."""
    if result is None:
        result = await hass.config_entries.subentries.async_init(
            (entry.entry_id, "contact"), context={"source": SOURCE_USER}
        )
    return await hass.config_entries.subentries.async_configure(result["flow_id"], data)


async def test_contacts_are_added_and_changed(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx)
    result = await contact(
        hass, entry, name=" Анна ", number="8 982 123-45-67", vip=True
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = entry.subentries.values()
    assert (subentry.title, subentry.data["vip"]) == ("Анна", True)
    await hass.async_block_till_done()

    result = await contact(hass, entry, name="Б", number="anonymous", vip=False)
    assert result["errors"] == {"number": "invalid_number"}
    result = await contact(
        hass, entry, result, name="Б", number="+79821234567", vip=False
    )
    assert result["errors"] == {"number": "number_known"}
    result = await contact(hass, entry, result, name=" ", number="+7999", vip=False)
    assert result["errors"] == {"name": "no_name"}

    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "contact"),
        context={"source": "reconfigure", "subentry_id": subentry.subentry_id},
    )
    result = await contact(
        hass, entry, result, name="Анна К.", number="+79821234567", vip=False
    )
    assert result["reason"] == "reconfigure_successful"
    (subentry,) = entry.subentries.values()
    assert (subentry.title, subentry.data["vip"]) == ("Анна К.", False)
    assert entry.data[CONF_URL] == pbx.url


async def test_only_what_there_is_to_set_is_offered(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx)
    assert entry.supports_options
    assert set(entry.supported_subentry_types) == {"contact"}


async def test_a_user_name_with_a_colon_is_an_error_of_its_field(
    hass: HomeAssistant, pbx: PbxService, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"username": "anna:boss", "password": "secret", **SSE}
    result = await enter(hass, await begin(hass, "pbx"), url=pbx.url, **wrong)
    assert result["errors"] == {"username": "invalid_auth"}
    entry = await add(hass, pbx)
    for source in ("reauth", "reconfigure"):
        result = await enter(hass, await fix(hass, entry, source), url=pbx.url, **wrong)
        assert result["errors"] == {"username": "invalid_auth"}
    assert "Traceback" not in caplog.text


async def test_own_numbers_and_the_length_of_extensions_are_options(
    hass: HomeAssistant, pbx: PbxService
) -> None:
    entry = await add(hass, pbx)
    options = hass.config_entries.options
    shown = await options.async_init(entry.entry_id)
    assert shown["data_schema"] is not None
    assert shown["data_schema"]({}) == {
        "overdue_after": 120,
        "keep_for": 72,
        "daily_reset": "06:00:00",
        "own_numbers": [],
        "extension_digits": 5,
        "record": False,
    }
    entered = {"own_numbers": [" +7 495 000-00-01", "reception"], "extension_digits": 3}
    result = await options.async_configure(shown["flow_id"], entered)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"own_numbers": "invalid_number"}
    assert suggested(result)["own_numbers"] == entered["own_numbers"]

    entered["own_numbers"] = [" +7 495 000-00-01", "", "84950000001", "555"]
    result = await options.async_configure(shown["flow_id"], entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options["own_numbers"] == ["84950000001", "555"]
    assert type(entry.options["extension_digits"]) is int
    plan = entry.runtime_data.source.calls.plan
    assert (plan.extension("107"), plan.extension("1070")) == ("107", None)
    assert plan.extension("555") is None


@pytest.mark.parametrize("digits", [0, 11, "x", None])
async def test_a_length_that_no_extension_has_is_refused(
    hass: HomeAssistant, pbx: PbxService, digits: Any
) -> None:
    entry = await add(hass, pbx)
    shown = await hass.config_entries.options.async_init(entry.entry_id)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            shown["flow_id"], {"extension_digits": digits}
        )
