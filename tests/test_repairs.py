"""The repairs' dialogs, through Home Assistant's own HTTP API."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.const import CONF_FINGERPRINT, DOMAIN
from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from .conftest import Recorder
from .flows import WORDS
from .helpers import CONNECTION, wait_for_state, wait_until
from .services.conftest import make_pbx, pbx, pbx_entry
from .services.faults import PINNED, TRUSTED, UNKNOWN
from .services.test_certificates import as_shown, certificate_issue, pinned, server
from .services.test_outages import entry_with_outage, outages_of

__all__ = ["entry_with_outage", "make_pbx", "pbx", "pbx_entry", "pinned", "server"]

PATH = "/api/repairs/issues/fix"


class Dialog:
    """A person who goes through the dialog of a repair."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        """Use a client that is signed in."""
        self._client = client

    async def open(self, issue_id: str) -> dict[str, Any]:
        """Press the repair."""
        return await self._post(PATH, {"handler": DOMAIN, "issue_id": issue_id})

    async def submit(self, step: dict[str, Any], **data: Any) -> dict[str, Any]:
        """Press submit."""
        return await self._post(f"{PATH}/{step['flow_id']}", data)

    async def _post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.post(path, json=data)
        assert answer.status == 200, await answer.text()
        step: dict[str, Any] = await answer.json()
        return step


@pytest.fixture
async def dialog(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> AsyncGenerator[Dialog]:
    """Return a person at the repairs' page; what they begin comes to its end."""
    assert await async_setup_component(hass, "repairs", {})
    # What an integration depends on adds its addresses before the server starts.
    assert await async_setup_component(hass, DOMAIN, {})
    yield Dialog(await hass_client())
    await hass.async_block_till_done()


def assert_words(kind: str, step: dict[str, Any]) -> None:
    """Look for the words of a step, and what fills them, in every language."""
    for words in WORDS.values():
        flow = words["issues"][kind]["fix_flow"]
        texts = (
            [flow["abort"][step["reason"]]]
            if step["type"] == "abort"
            else [
                text
                for text in flow["step"][step["step_id"]].values()
                if isinstance(text, str)
            ]
        )
        if step["type"] == "menu":
            options = flow["step"][step["step_id"]]["menu_options"]
            assert set(options) == set(step["menu_options"])
            continue
        for field in step.get("data_schema") or ():
            assert flow["step"][step["step_id"]]["data"][field["name"]]
        placeholders = step.get("description_placeholders") or {}
        assert all(text.format_map(placeholders) for text in texts)


async def test_agreeing_pins_the_new_certificate_and_events_flow(
    hass: HomeAssistant,
    dialog: Dialog,
    server: QrMenuService,
    pinned: MockConfigEntry,
    bus: Recorder,
) -> None:
    await server.set_certificate(UNKNOWN)
    asked = server.received
    missed = server.waiter_call("6")["hash"]
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)

    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")

    assert (step["type"], step["step_id"]) == ("form", "confirm")
    assert step["description_placeholders"] == {
        "title": f"QR menu {pinned.title}",
        "old": as_shown(PINNED),
        "fingerprint": as_shown(UNKNOWN),
        "names": "localhost, 127.0.0.1",
        "not_before": UNKNOWN.not_before.date().isoformat(),
        "not_after": UNKNOWN.not_after.date().isoformat(),
    }
    assert_words("certificate_changed", step)
    assert server.received == asked, "the token went to a server that nobody trusts"
    assert pinned.data[CONF_FINGERPRINT] == PINNED.fingerprint

    step = await dialog.submit(step)

    assert step["type"] == "create_entry"
    assert pinned.data[CONF_FINGERPRINT] == UNKNOWN.fingerprint
    assert certificate_issue(hass, pinned) is None
    await bus.wait(1)
    await wait_for_state(hass, CONNECTION, "on")
    assert bus.ids == [missed]
    assert all(request.token_ok for request in server.requests)


async def test_agreeing_to_a_trusted_certificate_ends_the_pin(
    hass: HomeAssistant,
    dialog: Dialog,
    server: QrMenuService,
    pinned: MockConfigEntry,
    bus: Recorder,
) -> None:
    await server.set_certificate(TRUSTED)
    asked = server.received
    missed = server.waiter_call("6")["hash"]
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")
    assert (step["type"], step["step_id"]) == ("form", "trusted")
    shown = step["description_placeholders"]
    assert (shown["old"], shown["fingerprint"]) == (as_shown(PINNED), as_shown(TRUSTED))
    assert_words("certificate_changed", step)
    assert server.received == asked

    step = await dialog.submit(step)

    assert step["type"] == "create_entry"
    assert pinned.data[CONF_FINGERPRINT] is None
    await bus.wait(1)
    await wait_for_state(hass, CONNECTION, "on")
    assert bus.ids == [missed]
    assert certificate_issue(hass, pinned) is None


async def test_a_certificate_that_changes_during_the_dialog_is_not_the_one_pinned(
    hass: HomeAssistant, dialog: Dialog, server: QrMenuService, pinned: MockConfigEntry
) -> None:
    await server.set_certificate(UNKNOWN)
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")
    await server.set_certificate(PINNED)
    asked = server.received
    await server.set_certificate(None)
    await dialog.submit(step)
    assert pinned.data[CONF_FINGERPRINT] == UNKNOWN.fingerprint
    assert server.received == asked


async def test_a_server_that_is_gone_when_the_dialog_opens_ends_it(
    hass: HomeAssistant, dialog: Dialog, server: QrMenuService, pinned: MockConfigEntry
) -> None:
    await server.set_certificate(UNKNOWN)
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    server.faults.set(Faults(refuse=True))

    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")

    assert (step["type"], step["reason"]) == ("abort", "cannot_connect")
    assert_words("certificate_changed", step)
    assert certificate_issue(hass, pinned) is not None


async def test_an_entry_that_is_not_loaded_begins_with_the_new_certificate(
    hass: HomeAssistant, dialog: Dialog, server: QrMenuService, pinned: MockConfigEntry
) -> None:
    await server.set_certificate(UNKNOWN)
    await wait_until(lambda: certificate_issue(hass, pinned) is not None)
    step = await dialog.open(f"certificate_changed_{pinned.entry_id}")
    assert await hass.config_entries.async_unload(pinned.entry_id)

    step = await dialog.submit(step)

    assert step["type"] == "create_entry"
    await wait_for_state(hass, CONNECTION, "on")


async def test_an_outage_that_a_person_has_seen_is_gone_for_good(
    hass: HomeAssistant, dialog: Dialog, entry_with_outage: MockConfigEntry
) -> None:
    (issue,) = ir.async_get(hass).issues.values()

    step = await dialog.open(issue.issue_id)
    assert (step["type"], step["step_id"]) == ("form", "confirm")
    assert outages_of(hass)
    assert step["description_placeholders"] == issue.translation_placeholders
    assert_words("events_lost", step)
    step = await dialog.submit(step)

    assert step["type"] == "create_entry"
    assert not outages_of(hass)
    assert await hass.config_entries.async_reload(entry_with_outage.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert not outages_of(hass)


async def test_an_outage_of_an_entry_that_is_not_loaded_can_be_closed(
    hass: HomeAssistant, dialog: Dialog, entry_with_outage: MockConfigEntry
) -> None:
    (issue,) = ir.async_get(hass).issues.values()
    assert await hass.config_entries.async_unload(entry_with_outage.entry_id)
    step = await dialog.submit(await dialog.open(issue.issue_id))
    assert step["type"] == "create_entry"
    assert not outages_of(hass)


async def test_a_repair_without_its_entry_only_closes(
    hass: HomeAssistant, dialog: Dialog, pinned: MockConfigEntry
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        "certificate_changed_of_nobody",
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="certificate_changed",
    )
    step = await dialog.submit(await dialog.open("certificate_changed_of_nobody"))
    assert step["type"] == "create_entry"
    assert not ir.async_get(hass).issues


async def test_a_source_that_gave_up_tries_again_when_a_person_says_so(
    hass: HomeAssistant, dialog: Dialog, pbx: PbxService, pbx_entry: MockConfigEntry
) -> None:
    pbx.faults.set(Faults(no_content=True))
    pbx.end_streams()
    issue_id = f"stream_refused_{pbx_entry.entry_id}"
    registry = ir.async_get(hass)
    await wait_until(lambda: registry.async_get_issue(DOMAIN, issue_id) is not None)
    pbx.faults.clear()

    step = await dialog.open(issue_id)
    assert_words("stream_refused", step)
    step = await dialog.submit(step)

    assert step["type"] == "create_entry"
    await pbx.wait_for_streams(1)
    await wait_until(lambda: registry.async_get_issue(DOMAIN, issue_id) is None)
