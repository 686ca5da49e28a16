"""A service that sends without an end: it is slowed, logged once, and keeps nobody else waiting."""

from collections.abc import Callable
from dataclasses import dataclass
import time

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.carbis_alerts.api.intake import TokenBucket
from simulator.green_api import GreenApiService
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService

from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from ..services.conftest import MakePbx, MakeWhatsApp

GUEST = "79821234567@c.us"
FLOOD = 200


@dataclass(frozen=True, slots=True)
class Flooder:
    """A service, and what makes it send the message of a number."""

    source: str
    entry: MockConfigEntry
    send: Callable[[int], object]

    def is_slowed(self) -> bool:
        slowed: bool = self.entry.runtime_data.budget.is_slowed
        return slowed


@pytest.fixture
async def services(
    hass: HomeAssistant,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    make_pbx: MakePbx,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
) -> dict[str, Flooder]:
    """Return all three services, each connected."""
    phones, account = make_pbx(pbx), make_whatsapp(green_api)
    for added in (phones, account):
        assert await hass.config_entries.async_setup(added.entry_id)
    await pbx.wait_for_streams(1)
    await wait_for_state(hass, "binary_sensor.whatsapp_4567_connection", "on")
    await wait_until(lambda: account.runtime_data.journal.is_initialized)
    return {
        "qr_menu": Flooder(
            "qr_menu", entry, lambda number: qr_menu.waiter_call(str(1 + number % 5))
        ),
        "pbx": Flooder(
            "pbx", phones, lambda number: pbx.ring(f"+7982{number:07}", "107")
        ),
        "green_api": Flooder(
            "green_api", account, lambda number: green_api.message(GUEST, str(number))
        ),
    }


KINDS = ("qr_menu", "pbx", "green_api")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_flood_of_one_service_leaves_the_others_events_coming_in(
    services: dict[str, Flooder],
    bus: Recorder,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    flooder = services[kind]
    flooder.entry.runtime_data.budget.messages = TokenBucket(burst=10.0, rate=5.0)
    for number in range(FLOOD):
        flooder.send(number)
    await wait_until(flooder.is_slowed)
    others = [service for service in services.values() if service is not flooder]
    for service in others:
        service.send(1)

    def sources() -> list[str]:
        return [event["source"] for event in bus.data]

    await wait_until(lambda: {service.source for service in others} <= {*sources()})
    assert 0 < sources().count(kind) < FLOOD
    slowed = [record for record in caplog.records if "taken slowly" in record.message]
    assert len(slowed) == 1
    assert not any(service.is_slowed() for service in others)


@pytest.mark.parametrize("limit", ["messages", "bytes", "work", "events"])
async def test_whatever_was_spent_holds_each_service_back_and_it_stops_at_once(
    hass: HomeAssistant, services: dict[str, Flooder], bus: Recorder, limit: str
) -> None:
    for service in services.values():
        bucket = TokenBucket(burst=0.0, rate=0.001)
        bucket.spend(1, time.monotonic())
        setattr(service.entry.runtime_data.budget, limit, bucket)
        for number in range(3):
            service.send(number)
        await wait_until(service.is_slowed)
    for service in services.values():
        assert await hass.config_entries.async_unload(service.entry.entry_id)
    # What was asked for before: the answer to a long poll.
    assert [event["source"] for event in bus.data] in ([], ["green_api"])
