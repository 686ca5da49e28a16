"""Whose the devices are that send to a hook: a person says it, never the first who speaks."""

from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.carbis_alerts.const import CONF_DEVICE_ID, DOMAIN
from custom_components.carbis_alerts.domain.senders import MAX_UNKNOWN
from simulator.pbx import PbxService

from ..conftest import Recorder
from ..flows import fix
from ..helpers import storage_key, wait_for_state, wait_until
from ..test_pbx_flow import WEBHOOK, add, enter, pbx
from ..test_pbx_flow_hook import held_up
from ..test_repairs import Dialog, assert_words, dialog
from .conftest import MakePbx, make_pbx
from .test_pbx_webhook import CALLER, CONNECTION, PATH, WEBHOOK_ID, web

__all__ = ["dialog", "make_pbx", "pbx", "web"]

type Client = TestClient[Any, Any]


def call(device_id: str | None, number: int = 1) -> dict[str, Any]:
    payload = {"call_id": number, "call_src": CALLER, "call_dst": "107"}
    named = {} if device_id is None else {"device_id": device_id}
    return {**named, "event_type": "incoming_call", "payload": payload}


def proof(device_id: str) -> dict[str, Any]:
    """Return what a PBX asks for a proof with."""
    return {
        "device_id": device_id,
        "event_type": "verification",
        "payload": "a challenge",
    }


@contextmanager
def nameless(pbx: PbxService) -> Generator[None]:
    """Have a PBX name no device while it verifies."""
    verify = pbx.hooks.verify

    async def unnamed(address: str, device_id: str, dialect: Any) -> bool:
        return await verify(address, None, dialect)  # type: ignore[arg-type]  # as it is

    with patch.object(pbx.hooks, "verify", unnamed):
        yield


@pytest.fixture
async def unnamed(
    hass: HomeAssistant, web: Client, pbx: PbxService
) -> AsyncGenerator[Any]:
    """Return an entry whose PBX has named no device while it was set up."""
    pbx.hooks.retry_pauses = (0.01,) * 500
    with nameless(pbx):
        entry = await add(hass, pbx, **WEBHOOK)
        await wait_for_state(hass, CONNECTION, "on")
        yield entry


def path(entry: Any) -> str:
    return f"/api/webhook/{entry.data['webhook_id']}"


async def post(web: Client, entry: Any, body: dict[str, Any]) -> int:
    return (await web.post(path(entry), json=body)).status


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the repair that asks."""
    return next(
        (
            found
            for found in ir.async_get(hass).issues.values()
            if found.translation_key == "unknown_device" and found.active
        ),
        None,
    )


async def asked(hass: HomeAssistant, dialog: Dialog, step_id: str) -> dict[str, Any]:
    """Open the repair."""
    found = issue(hass)
    assert found is not None
    step = await dialog.open(found.issue_id)
    assert (step["type"], step["step_id"]) == ("menu", step_id)
    assert_words("unknown_device", step)
    return step


async def say_mine(
    hass: HomeAssistant, dialog: Dialog, entry: Any, step: dict[str, Any], name: str
) -> None:
    """Say in the dialog which device it is, and wait until the entry is loaded again."""
    step = await dialog.submit(step, next_step_id="mine")
    assert_words("unknown_device", step)
    options = step["data_schema"][0]["selector"]["select"]["options"]
    value = next(option["value"] for option in options if option["label"] == name)
    runtime = entry.runtime_data
    step = await dialog.submit(step, device=value)
    assert step["type"] == "create_entry"
    await wait_until(lambda: entry.runtime_data is not runtime)
    await wait_for_state(hass, CONNECTION, "on")


async def test_who_speaks_first_is_believed_only_once_a_person_says_so(
    hass: HomeAssistant,
    web: Client,
    dialog: Dialog,
    pbx: PbxService,
    unnamed: Any,
    bus: Recorder,
) -> None:
    assert CONF_DEVICE_ID not in unnamed.data
    assert await post(web, unnamed, call("stranger")) == 200
    found = issue(hass)
    assert found is not None
    assert found.translation_placeholders == {
        "title": "PBX 127.0.0.1",
        "device": "stranger",
    }
    # Whose it is, is not known: nothing of a guest gets lost.
    pbx.ring(CALLER, "107")
    pbx.ring(CALLER, "108")
    await bus.wait(3)

    step = await asked(hass, dialog, "unconfirmed")
    assert step["description_placeholders"]["devices"] == (
        f"- `{pbx.device_id}`: 2\n- `stranger`: 1"
    )
    await say_mine(hass, dialog, unnamed, step, pbx.device_id)

    assert unnamed.data[CONF_DEVICE_ID] == pbx.device_id
    assert await post(web, unnamed, call("stranger", 2)) == 403
    assert issue(hass) is None
    pbx.ring(CALLER, "109")
    await bus.wait(4)


async def test_a_pbx_that_was_exchanged_is_seen_and_taken_after_a_yes(
    hass: HomeAssistant,
    web: Client,
    dialog: Dialog,
    pbx: PbxService,
    unnamed: Any,
    bus: Recorder,
) -> None:
    await post(web, unnamed, call(pbx.device_id))
    step = await asked(hass, dialog, "unconfirmed")
    await say_mine(hass, dialog, unnamed, step, pbx.device_id)
    assert issue(hass) is None
    pbx.device_id, before = "new", pbx.device_id
    pbx.ring(CALLER, "107")
    await wait_until(lambda: issue(hass) is not None)
    assert len(bus.data) == 1
    await say_mine(hass, dialog, unnamed, await asked(hass, dialog, "refused"), "new")

    assert unnamed.data[CONF_DEVICE_ID] == "new"
    pbx.ring(CALLER, "108")
    await bus.wait(2)
    # And the way back stays open.
    assert await post(web, unnamed, call(before, 9)) == 403
    await asked(hass, dialog, "refused")


async def test_a_new_pbx_that_asks_for_a_proof_is_asked_about(
    hass: HomeAssistant, dialog: Dialog, web: Client, pbx: PbxService, bus: Recorder
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.device_id = "new"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wait_until(lambda: issue(hass) is not None)
    step = await asked(hass, dialog, "refused")
    await say_mine(hass, dialog, entry, step, "new")
    pbx.ring(CALLER, "107")
    await bus.wait(1)


async def test_what_is_not_mine_is_refused_for_good_and_counted(
    hass: HomeAssistant, web: Client, dialog: Dialog, pbx: PbxService
) -> None:
    hooked = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    assert await post(web, hooked, call("stranger")) == 403
    step = await dialog.submit(
        await asked(hass, dialog, "refused"), next_step_id="not_mine"
    )
    assert_words("unknown_device", step)
    step = await dialog.submit(step)
    assert step["type"] == "create_entry"
    for number in range(5):
        assert await post(web, hooked, call("stranger", number)) == 403
    assert issue(hass) is None
    assert await hass.config_entries.async_reload(hooked.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert await post(web, hooked, call("stranger", 9)) == 403
    assert issue(hass) is None
    counts = hooked.runtime_data.diagnostics()
    assert (counts["ignored_devices"], counts["ignored_messages"]) == (1, 1)


async def test_a_question_is_asked_again_after_a_restart_and_goes_with_the_entry(
    hass: HomeAssistant, web: Client, unnamed: Any
) -> None:
    await post(web, unnamed, call("ours"))
    assert await hass.config_entries.async_unload(unnamed.entry_id)
    ir.async_delete_issue(hass, DOMAIN, f"unknown_device_{unnamed.entry_id}")
    assert await hass.config_entries.async_setup(unnamed.entry_id)
    assert issue(hass) is not None
    await hass.config_entries.async_remove(unnamed.entry_id)
    assert issue(hass) is None


async def test_a_dialog_without_a_question_ends(
    hass: HomeAssistant, dialog: Dialog, web: Client, unnamed: Any
) -> None:
    await post(web, unnamed, call("ours"))
    step = await asked(hass, dialog, "unconfirmed")
    assert await hass.config_entries.async_unload(unnamed.entry_id)
    for choice in ("mine", "not_mine"):
        found = issue(hass)
        assert found is not None
        ended = await dialog.open(found.issue_id)
        assert (ended["type"], ended["reason"]) == ("abort", "nobody")
        assert_words("unknown_device", ended)
        ended = await dialog.submit(step, next_step_id=choice)
        assert ended["reason"] == "nobody"
        assert await hass.config_entries.async_setup(unnamed.entry_id)
        step = await asked(hass, dialog, "unconfirmed")
        assert await hass.config_entries.async_unload(unnamed.entry_id)


async def test_a_name_of_a_device_cannot_speak_in_the_repair(
    hass: HomeAssistant, dialog: Dialog, web: Client, unnamed: Any
) -> None:
    name = "x`\n# [Yours](https://evil.example) <b>{{ states() }}"
    assert await post(web, unnamed, call(name)) == 200
    step = await asked(hass, dialog, "unconfirmed")
    devices = step["description_placeholders"]["devices"]
    assert len(devices.splitlines()) == 1
    assert not set("[]<>{}*") & set(devices)
    assert devices.count("`") == 2
    found = issue(hass)
    assert found is not None
    assert "://" not in (found.translation_placeholders or {})["device"]


async def test_many_names_change_one_repair_once_and_hide_no_real_one(
    hass: HomeAssistant, dialog: Dialog, web: Client, unnamed: Any, bus: Recorder
) -> None:
    changes: list[Event[Any]] = []
    hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, changes.append)
    for number in range(60):
        assert await post(web, unnamed, call(f"stranger {number}", number)) == 200
        if number % 4 == 0:
            assert await post(web, unnamed, call("ours", number)) == 200
    assert len(changes) == 1
    step = await asked(hass, dialog, "unconfirmed")
    step = await dialog.submit(step, next_step_id="mine")
    options = step["data_schema"][0]["selector"]["select"]["options"]
    assert len(options) == MAX_UNKNOWN
    assert options[0]["label"] == "ours"


async def test_a_proof_that_a_stranger_asks_for_changes_nothing(
    hass: HomeAssistant, web: Client, pbx: PbxService, unnamed: Any, bus: Recorder
) -> None:
    assert await post(web, unnamed, proof("stranger")) == 200
    result = await fix(hass, unnamed, "reconfigure")
    async with held_up(pbx) as (reached, go_on):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        assert await post(web, unnamed, proof("stranger")) == 200
        go_on.set()
        assert (await trying)["reason"] == "reconfigure_successful"
    await wait_for_state(hass, CONNECTION, "on")
    assert unnamed.data.get(CONF_DEVICE_ID) is None
    assert unnamed.runtime_data.source.device_id is None
    pbx.ring(CALLER, "107")
    await bus.wait(1)


async def test_a_strangers_proof_keeps_no_form_from_its_own_pbx(
    hass: HomeAssistant, web: Client, pbx: PbxService, bus: Recorder
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    result = await fix(hass, entry, "reconfigure")
    async with held_up(pbx) as (reached, go_on):
        trying = hass.async_create_task(enter(hass, result, url=pbx.url, **WEBHOOK))
        await reached.wait()
        assert await post(web, entry, proof("stranger")) == 200
        go_on.set()
        assert (await trying)["reason"] == "reconfigure_successful"
    assert entry.data[CONF_DEVICE_ID] == pbx.device_id


async def test_a_form_that_meets_another_pbx_asks_about_it(
    hass: HomeAssistant, dialog: Dialog, web: Client, pbx: PbxService
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    pbx.device_id = "new"
    result = await enter(
        hass, await fix(hass, entry, "reconfigure"), url=pbx.url, **WEBHOOK
    )
    assert result["reason"] == "wrong_account"
    await say_mine(hass, dialog, entry, await asked(hass, dialog, "refused"), "new")


async def test_a_hook_that_is_not_new_learns_no_device_without_a_yes(
    hass: HomeAssistant, dialog: Dialog, web: Client, pbx: PbxService, unnamed: Any
) -> None:
    named = type(pbx.hooks).verify.__get__(pbx.hooks)
    with patch.object(pbx.hooks, "verify", named):
        result = await enter(
            hass, await fix(hass, unnamed, "reconfigure"), url=pbx.url, **WEBHOOK
        )
        assert result["reason"] == "reconfigure_successful"
    assert unnamed.data.get(CONF_DEVICE_ID) is None
    await wait_until(lambda: unnamed.state is ConfigEntryState.LOADED)
    step = await asked(hass, dialog, "unconfirmed")
    assert pbx.device_id in step["description_placeholders"]["devices"]


async def test_the_device_that_was_stored_by_an_earlier_version_stays_believed(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    web: Client,
    pbx: PbxService,
    make_pbx: MakePbx,
    bus: Recorder,
) -> None:
    entry = make_pbx(pbx, transport="webhook", webhook_id=WEBHOOK_ID)
    hass_storage[storage_key(entry)] = {
        "version": 1,
        "minor_version": 1,
        "key": storage_key(entry),
        "data": {"device_id": pbx.device_id},
    }
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for_state(hass, CONNECTION, "on")
    assert (await web.post(PATH, json=call("stranger"))).status == 403
    assert issue(hass) is not None
    pbx.ring(CALLER, "107")
    await bus.wait(1)


async def test_a_message_without_a_name_is_seen_where_one_is_known(
    hass: HomeAssistant, dialog: Dialog, web: Client, pbx: PbxService
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await wait_for_state(hass, CONNECTION, "on")
    assert await post(web, entry, call(None)) == 403
    step = await asked(hass, dialog, "refused")
    await say_mine(hass, dialog, entry, step, "—")
    assert await post(web, entry, call(None)) == 200
