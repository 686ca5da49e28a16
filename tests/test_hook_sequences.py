"""Whatever becomes of an entry and its forms: its hook takes calls while its source runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
import random
from typing import Any, Final

from aiohttp.test_utils import TestClient
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.carbis_alerts.const import DOMAIN
from custom_components.carbis_alerts.services.pbx.hook_registry import HOOKS
from simulator.pbx import PbxService

from .conftest import Recorder
from .flows import begin, fix
from .helpers import wait_for_state, wait_until
from .services.test_pbx_webhook import web
from .test_pbx_flow import SSE, WEBHOOK, add, enter, pbx
from .test_pbx_flow_hook import (
    CALLER,
    CONNECTION,
    aborted,
    another_device,
    cancelled,
    exception,
    no_address,
    refused,
    same_data,
    timeout,
    two_at_once,
    wrong_token,
)

__all__ = ["pbx", "web"]

type Client = TestClient[Any, Any]

HTTP_OK: Final = 200


class Poster:
    """Somebody who calls without end: each call is posted once, as long as a source runs."""

    def __init__(self, hass: HomeAssistant, web: Client, entry: Any, name: str) -> None:
        self._hass = hass
        self._web = web
        self._entry = entry
        self._name = name
        self.number = 0
        # The calls that were posted while the same source ran, with what was answered.
        self.answers: dict[str, int] = {}

    async def post(self) -> None:
        """Post a call."""
        self.number += 1
        caller = f"+7982{self.number:07}"
        before = self._running
        body = {
            "device_id": self._name,
            "event_type": "incoming_call",
            "payload": {
                "call_id": self.number,
                "call_src": caller,
                "call_dst": "107",
            },
        }
        path = f"/api/webhook/{self._entry.data.get('webhook_id')}"
        answer = await self._web.post(path, json=body)
        if before is not None and before is self._running:
            self.answers[caller] = answer.status

    @property
    def _running(self) -> Any:
        """Return the source that runs, and has a hook."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return None
        source = self._entry.runtime_data.source
        return source if source.line.question is not None else None


@asynccontextmanager
async def calling(poster: Poster) -> AsyncGenerator[None]:
    """Have calls posted meanwhile, as fast as they are answered."""

    async def post() -> None:
        while True:
            await poster.post()

    task = asyncio.create_task(post())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def to_stream(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await enter(
        hass, await fix(hass, entry, "reconfigure"), url=pbx.url, **SSE
    )
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert "webhook_id" not in entry.data


async def to_stream_and_back(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    await to_stream(hass, pbx, entry)
    await same_data(hass, pbx, entry)


async def reload(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    assert await hass.config_entries.async_reload(entry.entry_id)


async def reload_while_a_form_is_open(
    hass: HomeAssistant, pbx: PbxService, entry: Any
) -> None:
    form = await fix(hass, entry, "reconfigure")
    await reload(hass, pbx, entry)
    hass.config_entries.flow.async_abort(form["flow_id"])


async def disable_and_enable(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    for by in (ConfigEntryDisabler.USER, None):
        await hass.config_entries.async_set_disabled_by(entry.entry_id, by)


async def set_up_again(hass: HomeAssistant, pbx: PbxService, entry: Any) -> None:
    result = await enter(
        hass, await begin(hass, "pbx"), url=pbx.url, token="other", **WEBHOOK
    )
    assert result["reason"] == "already_configured"


STEPS: Final = (
    *(same_data, wrong_token, refused, timeout, another_device, exception),
    *(no_address, aborted, cancelled, two_at_once, to_stream_and_back, reload),
    *(reload_while_a_form_is_open, disable_and_enable, set_up_again),
)


def hooks(hass: HomeAssistant) -> list[str]:
    """Return the hooks that Home Assistant has of ours."""
    handlers = hass.data.get(webhook._HANDLERS, {})
    return [key for key, data in handlers.items() if data.domain == DOMAIN]


async def settled(hass: HomeAssistant, entry: Any) -> None:
    """Wait until the PBX has taken the hook."""
    await hass.async_block_till_done()
    await wait_until(lambda: entry.state is ConfigEntryState.LOADED)
    await wait_for_state(hass, CONNECTION, "on")


async def walk(
    hass: HomeAssistant,
    web: Client,
    pbx: PbxService,
    bus: Recorder,
    *,
    seed: int,
    length: int,
) -> None:
    """Go through steps in an order of chance, calling all the time."""
    pbx.hooks.retry_pauses = (0.01,) * 500
    chance = random.Random(seed)
    entry = await add(hass, pbx, **WEBHOOK)
    await settled(hass, entry)
    poster = Poster(hass, web, entry, pbx.device_id)
    for step in chance.sample(STEPS, length):
        async with calling(poster):
            await step(hass, pbx, entry)
            await settled(hass, entry)
        answered = len(poster.answers)
        await poster.post()
        assert len(poster.answers) == answered + 1
        assert {*poster.answers.values()} == {HTTP_OK}, step.__name__
    # Each call that was taken is on the bus, once.
    callers = [data["caller"] for data in bus.data]
    assert {*poster.answers} <= {*callers}
    assert len(callers) == len({*callers})

    path = f"/api/webhook/{entry.data['webhook_id']}"
    form = await fix(hass, entry, "reconfigure")
    await hass.config_entries.async_remove(entry.entry_id)
    with suppress(Exception):
        await enter(hass, form, url=pbx.url, **WEBHOOK)
    async_fire_time_changed(hass, fire_all=True)
    await hass.async_block_till_done()
    assert hooks(hass) == []
    assert hass.data[HOOKS] == {}
    count = len(bus.data)
    assert (await web.post(path, json={"event_type": "startup"})).status == HTTP_OK
    assert len(bus.data) == count


async def test_the_hook_takes_calls_whatever_forms_come_to(
    hass: HomeAssistant, web: Client, pbx: PbxService, bus: Recorder
) -> None:
    await walk(hass, web, pbx, bus, seed=0, length=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 13))
async def test_the_hook_takes_calls_in_many_orders(
    hass: HomeAssistant, web: Client, pbx: PbxService, bus: Recorder, seed: int
) -> None:
    await walk(hass, web, pbx, bus, seed=seed, length=5)


async def test_a_hook_of_a_form_that_comes_to_nothing_is_gone(
    hass: HomeAssistant, web: Client, pbx: PbxService
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await settled(hass, entry)
    (kept,) = hooks(hass)
    await set_up_again(hass, pbx, entry)
    async_fire_time_changed(hass, fire_all=True)
    await hass.async_block_till_done()
    assert hooks(hass) == [kept]
    assert [*hass.data[HOOKS]] == [kept]


async def test_a_change_to_the_stream_leaves_no_hook(
    hass: HomeAssistant, web: Client, pbx: PbxService, bus: Recorder
) -> None:
    entry = await add(hass, pbx, **WEBHOOK)
    await settled(hass, entry)
    await to_stream(hass, pbx, entry)
    assert hooks(hass) == []
    assert hass.data[HOOKS] == {}
    await pbx.wait_for_streams(1)
    pbx.ring(CALLER, "107")
    await bus.wait(1)
