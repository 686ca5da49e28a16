"""What the tests of blueprints share: a site that imports them and runs automations."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
import logging
from pathlib import Path
import shutil
from typing import Any, Final
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.components.automation.const import DOMAIN as AUTOMATION
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from ..clock import WallClock
from ..services.conftest import (
    green_api as green_api,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    make_pbx as make_pbx,  # noqa: PLC0414
    make_whatsapp as make_whatsapp,  # noqa: PLC0414
    pbx as pbx,  # noqa: PLC0414
    pbx_entry as pbx_entry,  # noqa: PLC0414
)
from .phones import registered
from .real_phones import Pushes, RealPhone

BLUEPRINTS: Final = Path(__file__).parents[2] / "blueprints/automation/carbis_alerts"

# Where the machine has no library for pictures of cameras.
CAMERA: Final = "homeassistant.components.camera.img_util"

type Automate = Callable[..., Awaitable[str]]


async def elapse(hass: HomeAssistant, clock: WallClock, seconds: float) -> None:
    """Let time pass for automations that wait; each timer is reckoned from its start.

    Home Assistant's own waiting for its tasks would wait for these automations' delays.
    """
    clock.pass_by(seconds=seconds)
    async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=seconds))
    for _ in range(200):
        await asyncio.sleep(0)


class Phone:
    """A phone with the companion app, and what it was sent."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        """Register the phone, of a user of its name."""
        self._context, app = registered(hass, name)
        self._hass = hass
        self.device_id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=app.entry_id,
                identifiers={("mobile_app", name)},
                name=name,
            )
            .id
        )
        self.calls: list[ServiceCall] = async_mock_service(
            hass, "notify", f"mobile_app_{name.lower()}"
        )

    @property
    def messages(self) -> list[str]:
        """Return the texts that came, and the calls to clear."""
        return [call.data["message"] for call in self.calls]

    @property
    def last(self) -> dict[str, Any]:
        """Return what came last."""
        data: dict[str, Any] = self.calls[-1].data
        return data

    def tap(self, index: int) -> None:
        """Give an answer of the last notification that has any."""
        sent = next(
            call.data["data"]
            for call in reversed(self.calls)
            if "actions" in call.data.get("data", ())
        )
        self._hass.bus.async_fire(
            "mobile_app_notification_action",
            {"action": sent["actions"][index]["action"], "tag": sent["tag"]},
            context=self._context,
        )


type MakePhone = Callable[[str], Phone]
type Register = Callable[..., Awaitable[RealPhone]]


@pytest.fixture
def phone(hass: HomeAssistant) -> MakePhone:
    """Return a function that registers a phone."""
    return lambda name: Phone(hass, name)


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a configuration folder that is this test's alone."""
    return hass_tmp_config_dir


@pytest.fixture
def automate(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> Automate:
    """Return a function that imports a blueprint and runs an automation made from it.

    It takes the blueprint's name and its inputs, and returns the automation's entity id.
    """
    automations: list[dict[str, Any]] = []

    def put(blueprint: str) -> None:
        folder = Path(hass.config.path("blueprints", AUTOMATION, "carbis_alerts"))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(BLUEPRINTS / f"{blueprint}.yaml", folder)

    async def make(blueprint: str, **inputs: Any) -> str:
        await hass.async_add_executor_job(put, blueprint)
        automations.append(
            {
                "id": f"{blueprint}_{len(automations) + 1}",
                "alias": f"{blueprint} {len(automations) + 1}",
                "use_blueprint": {
                    "path": f"carbis_alerts/{blueprint}.yaml",
                    "input": inputs,
                },
            }
        )
        config = {AUTOMATION: list(automations)}
        if len(automations) == 1:
            assert await async_setup_component(hass, AUTOMATION, config)
        else:
            with patch(
                "homeassistant.config.load_yaml_config_file", return_value=config
            ):
                await hass.services.async_call(AUTOMATION, "reload", blocking=True)
        await hass.async_block_till_done()
        entity_id = f"automation.{blueprint}_{len(automations)}"
        state = hass.states.get(entity_id)
        assert state is not None, caplog.text
        assert state.state == "on", caplog.text
        errors = [
            record.getMessage()
            for record in caplog.records
            if record.levelno >= logging.ERROR and record.name != CAMERA
        ]
        assert not errors
        return entity_id

    return make


@pytest.fixture
async def pushes() -> AsyncGenerator[Pushes]:
    """Return where pushes go to."""
    async with Pushes().serve() as served:
        yield served


@pytest.fixture
async def web(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a signed-in client of a Home Assistant that knows phones."""
    for domain in ("http", "webhook", "notify", "mobile_app"):
        assert await async_setup_component(hass, domain, {})
    await hass.async_block_till_done()
    return await hass_client()


@pytest.fixture
def register(
    hass: HomeAssistant, web: TestClient[Any, Any], pushes: Pushes
) -> Register:
    """Return a function that registers a phone."""
    return partial(RealPhone.register, hass, web, pushes)
