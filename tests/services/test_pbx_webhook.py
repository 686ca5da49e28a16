"""The PBX over a web hook: a real PBX posts to Home Assistant's real HTTP server."""

from typing import Any
from unittest.mock import patch
from urllib.parse import quote_from_bytes

from aiohttp.test_utils import TestClient
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.setup import async_setup_component
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.services.pbx import hook_url
from simulator.faults import Faults
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..helpers import state_of, wait_for_state, wait_until
from .conftest import MakePbx

CONNECTION = "binary_sensor.pbx_127_0_0_1_connection"
WEBHOOK_ID = "a-secret-of-64-characters"
PATH = f"/api/webhook/{WEBHOOK_ID}"
CALLER = "+79821234567"
MODULE = "custom_components.carbis_alerts.services.pbx.hook_url"


@pytest.fixture
async def web(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a client of Home Assistant, which knows its own address."""
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("")).rstrip("/")
    return client


@pytest.fixture
async def hooked(
    hass: HomeAssistant, web: TestClient[Any, Any], pbx: PbxService, make_pbx: MakePbx
) -> MockConfigEntry:
    """Return a loaded entry whose hook the PBX has taken."""
    pbx.hooks.retry_pauses = (0.01,) * 100
    entry = make_pbx(pbx, transport="webhook", **{CONF_WEBHOOK_ID: WEBHOOK_ID})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    return entry


async def test_it_subscribes_to_everything_and_receives_calls(
    hass: HomeAssistant, pbx: PbxService, hooked: MockConfigEntry, bus: Recorder
) -> None:
    assert pbx.hook == {
        "hook": f"{hass.config.internal_url}{PATH}",
        "subscribe": [
            "startup",
            "incoming_call",
            "outgoing_call",
            "start_talk",
            "call_end",
            "incoming_sms",
            "answer_elsewhere",
        ],
    }
    call = pbx.ring(CALLER, "107")
    pbx.miss(call)
    types = [data["type"] for data in await bus.wait(3)]
    assert types == ["incoming_call", "call_end", "missed_call"]
    assert pbx.streams == 0


@pytest.mark.parametrize("dialect", ["json", "plain"])
async def test_both_kinds_of_proof_work_and_the_right_one_is_remembered(
    hass: HomeAssistant,
    web: TestClient[Any, Any],
    pbx: PbxService,
    make_pbx: MakePbx,
    dialect: Any,
) -> None:
    pbx.dialect = dialect
    entry = make_pbx(pbx, transport="webhook", **{CONF_WEBHOOK_ID: WEBHOOK_ID})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    asked = pbx.received

    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert pbx.received == asked + 1
    assert entry.runtime_data.source.line.verifier.dialect == dialect


async def test_while_the_entry_reloads_the_pbx_keeps_its_message(
    hass: HomeAssistant, pbx: PbxService, hooked: MockConfigEntry, bus: Recorder
) -> None:
    assert await hass.config_entries.async_unload(hooked.entry_id)
    pbx.ring(CALLER, "107")
    await pbx.wait_until(
        lambda: any(answer.status == 503 for answer in pbx.hook_answers)
    )
    assert await hass.config_entries.async_setup(hooked.entry_id)
    await bus.wait(1)
    await wait_for_state(hass, CONNECTION, "on")


async def test_a_failure_of_ours_is_published_to_the_sender_who_tries_again(
    hass: HomeAssistant, pbx: PbxService, hooked: MockConfigEntry, bus: Recorder
) -> None:
    with patch.object(
        type(hooked.runtime_data.source), "async_handle", side_effect=RuntimeError
    ):
        pbx.ring(CALLER, "107")
        await pbx.wait_until(
            lambda: any(answer.status == 500 for answer in pbx.hook_answers)
        )
    await bus.wait(1)


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        # Counted, and not wanted again.
        ("post", b"", 200),
        ("post", b"not json", 200),
        ("post", b"[1]", 200),
        ("post", b'{"event_type": 5, "payload": {}}', 403),
        ("post", b'{"device_id": "another", "event_type": "startup"}', 403),
        (
            "post",
            b'{"device_id": "another", "event_type": "verification","payload": "x"}',
            403,
        ),
        ("post", b" " * (64 * 1024 + 1), 413),
        ("get", None, 405),
        ("put", b"{}", 405),
    ],
)
async def test_what_is_not_from_our_pbx_is_refused(
    web: TestClient[Any, Any],
    hooked: MockConfigEntry,
    pbx: PbxService,
    bus: Recorder,
    method: str,
    body: bytes | None,
    status: int,
) -> None:
    hooked.runtime_data.source.line.senders.device_id = pbx.device_id
    pbx.ring(CALLER, "107")
    await bus.wait(1)
    response = await web.request(method, PATH, data=body)
    assert response.status == status
    assert len(bus.events) == 1


async def test_a_change_of_the_address_subscribes_again(
    hass: HomeAssistant, web: TestClient[Any, Any], pbx: PbxService, hooked: Any
) -> None:
    asked = pbx.answered
    await hass.config.async_update(location_name="The same address")
    await hass.async_block_till_done()
    assert pbx.answered == asked
    url = str(hass.config.internal_url).replace("127.0.0.1", "localhost")
    with patch.object(pbx.hooks, "verify", return_value=True):
        await hass.config.async_update(internal_url=url)
        await wait_until(lambda: pbx.hook is not None and url in pbx.hook["hook"])


async def test_a_hook_that_the_pbx_refuses_takes_the_connection_off(
    hass: HomeAssistant, pbx: PbxService, hooked: MockConfigEntry
) -> None:
    with patch.object(pbx.hooks, "verify", return_value=False):
        assert await hass.config_entries.async_reload(hooked.entry_id)
        await wait_for_state(hass, CONNECTION, "off")
    await wait_for_state(hass, CONNECTION, "on")


async def test_removing_the_entry_takes_the_subscription_back(
    hass: HomeAssistant, web: TestClient[Any, Any], pbx: PbxService, hooked: Any
) -> None:
    await hass.config_entries.async_remove(hooked.entry_id)
    assert pbx.hook is None
    # Home Assistant answers so for a hook that it does not know.
    assert (await web.post(PATH, data=b"x")).status == 200


async def test_a_pbx_that_is_away_keeps_its_subscription_and_that_is_said(
    hass: HomeAssistant,
    pbx: PbxService,
    hooked: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pbx.faults.set(Faults(refuse=True))
    await hass.config_entries.async_remove(hooked.entry_id)
    assert "could not be taken back" in caplog.text
    assert WEBHOOK_ID not in caplog.text.replace(PATH, "")


async def test_the_hook_of_a_disabled_entry_is_gone(
    hass: HomeAssistant, web: TestClient[Any, Any], hooked: MockConfigEntry
) -> None:
    from homeassistant.config_entries import ConfigEntryDisabler

    await hass.config_entries.async_set_disabled_by(
        hooked.entry_id, ConfigEntryDisabler.USER
    )
    assert (await web.post(PATH, data=b"x")).status == 200


async def test_a_pbx_elsewhere_needs_an_address_that_it_can_reach(
    hass: HomeAssistant, web: TestClient[Any, Any], hooked: MockConfigEntry
) -> None:
    from yarl import URL

    cloud_pbx = URL("https://api.sprecord.cloud")
    with pytest.raises(hook_url.NoHookUrl):
        await hook_url.async_hook_url(hass, "x", cloud_pbx)
    hass.config.external_url = "https://restaurant.example"
    assert (
        await hook_url.async_hook_url(hass, "x", cloud_pbx)
        == "https://restaurant.example/api/webhook/x"
    )
    for local in ("http://192.168.1.9", "http://minipbx", "http://ats.lan:8080"):
        url = await hook_url.async_hook_url(hass, "x", URL(local))
        assert url == f"{hass.config.internal_url}/api/webhook/x"


async def test_home_assistant_cloud_gives_the_address_where_there_is_one(
    hass: HomeAssistant, web: TestClient[Any, Any], hooked: MockConfigEntry
) -> None:
    from homeassistant.components import cloud
    from yarl import URL

    pbx_url = URL("https://api.sprecord.cloud")
    hass.config.components.add("cloud")
    with (
        patch.object(cloud, "async_active_subscription", return_value=True),
        patch.object(
            cloud, "async_get_or_create_cloudhook", return_value="https://hooks/1"
        ) as create,
        patch.object(cloud, "async_delete_cloudhook") as delete,
    ):
        url = await hook_url.async_hook_url(hass, "x", pbx_url)
        assert url == "https://hooks/1"
        create.side_effect = cloud.CloudNotAvailable
        with pytest.raises(hook_url.NoHookUrl):
            await hook_url.async_hook_url(hass, "x", pbx_url)
        await hass.config_entries.async_remove(hooked.entry_id)
        delete.assert_called_once_with(hass, WEBHOOK_ID)


async def test_without_any_address_the_connection_is_off_and_published(
    hass: HomeAssistant,
    pbx: PbxService,
    hooked: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with patch(f"{MODULE}.get_url", side_effect=NoURLAvailableError):
        assert await hass.config_entries.async_reload(hooked.entry_id)
        await wait_for_state(hass, CONNECTION, "off")
    assert "no address that the PBX can reach" in caplog.text
    await wait_for_state(hass, CONNECTION, "on")
    kinds = {issue.translation_key for issue in ir.async_get(hass).issues.values()}
    assert kinds == {"unknown_device"}
    assert state_of(hass, CONNECTION) == "on"


def bodies(device_id: str) -> dict[str, tuple[bytes, str, int]]:
    """Return bodies that senders of all kinds make, with their type and messages."""
    plain = "application/json"
    form = "application/x-www-form-urlencoded"
    one = orjson.dumps(
        {
            "device_id": device_id,
            "event_type": "incoming_sms",
            "payload": {"sms_src": CALLER, "text": "Столик на двоих"},
        }
    )
    two = one.replace("двоих".encode(), "троих".encode())
    quoted = quote_from_bytes(one).encode()
    return {
        "charset": (
            one.decode().encode("cp1251"),
            "application/json; charset=windows-1251",
            1,
        ),
        "list": (b"[" + one + b"," + two + b"]", plain, 2),
        "list in windows-1251": (
            (b"[" + one + b"," + two + b",]").decode().encode("cp1251"),
            "application/json; charset=windows-1251",
            2,
        ),
        "field of a form": (b"id=5&data=" + quoted, form, 1),
        "trailing comma": (one[:-2] + b",},}", plain, 1),
        "lines": (one + b"\n" + two, plain, 2),
    }


@pytest.mark.parametrize("kind", bodies(""))
async def test_a_body_of_any_kind_is_read(
    web: TestClient[Any, Any], hooked: MockConfigEntry, bus: Recorder, kind: str
) -> None:
    body, content_type, count = bodies(hooked.runtime_data.source.device_id)[kind]
    answer = await web.post(PATH, data=body, headers={"Content-Type": content_type})
    assert answer.status == 200
    texts = [data["text"] for data in await bus.wait(count)]
    assert texts == ["Столик на двоих", "Столик на троих"][:count]
    assert hooked.runtime_data.statistics.malformed == 0


async def test_what_cannot_be_read_is_counted_with_its_shape_and_not_wanted_again(
    web: TestClient[Any, Any], hooked: MockConfigEntry, bus: Recorder
) -> None:
    for body in (b"<xml>secret</xml>", b'{"secret": 1', b"secret", b'[{"a": 1}]'):
        assert (await web.post(PATH, data=body)).status == 200
    statistics = hooked.runtime_data.statistics
    assert statistics.malformed == 4
    assert list(statistics.malformed_shapes) == [
        "not JSON: markup",
        "not JSON: object",
        "not JSON: text",
        {"a": "int"},
    ]
    assert bus.data == []
