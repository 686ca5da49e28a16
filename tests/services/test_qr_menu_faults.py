"""The QR menu's source through every fault, to the next event that is delivered."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
import logging
from unittest.mock import patch

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.carbis_alerts.api.errors import (
    AuthenticationError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
)
from custom_components.carbis_alerts.api.qr_menu import QrMenuClient
from custom_components.carbis_alerts.api.transport import Limits
from custom_components.carbis_alerts.const import CONF_FINGERPRINT, DOMAIN
from simulator.qr_menu import QrMenuService

from ..conftest import TOKEN, Recorder
from ..helpers import CONNECTION, state_of, wait_for_state, wait_until
from ..timings import timed
from .faults import FAULTS, Fault, a_machine

type MakeEntry = Callable[..., MockConfigEntry]

SHORT_LIMITS = Limits(connect=0.3, total=0.3)


class StateRecorder:
    """The states that the connection had, and the event entities' losses."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin to listen."""
        self.connection: list[str] = []
        self.lost: list[str] = []
        hass.bus.async_listen("state_changed", self._record)

    @callback
    def _record(self, event: Event[EventStateChangedData]) -> None:
        entity_id, new = event.data["entity_id"], event.data["new_state"]
        state = "removed" if new is None else new.state
        if entity_id == CONNECTION:
            self.connection.append(state)
        elif entity_id.startswith("event.") and state in ("unavailable", "removed"):
            self.lost.append(entity_id)


def what_is_asked(hass: HomeAssistant) -> list[str]:
    """Return what a person is asked to do, as sources of flows and kinds of repairs."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return sorted(
        [flow["context"]["source"] for flow in flows]
        + [str(issue.translation_key) for issue in ir.async_get(hass).issues.values()]
    )


@contextmanager
def client_for(entry: MockConfigEntry, fault: Fault) -> Generator[None]:
    """Ask with little patience while the server hangs, and only then."""
    if not fault.hangs:
        yield
        return
    runtime = entry.runtime_data
    hasty = QrMenuClient(
        async_get_clientsession(runtime.hass),
        URL(entry.data[CONF_URL]),
        entry.data[CONF_TOKEN],
        fingerprint=entry.data[CONF_FINGERPRINT],
        limits=SHORT_LIMITS,
    )
    with patch.object(runtime.source._reader, "_client", hasty):
        yield


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_fault_is_shown_and_logged_once_and_costs_no_event(
    hass: HomeAssistant,
    make_entry: MakeEntry,
    bus: Recorder,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with QrMenuService(token=TOKEN, certificate=fault.certificate) as service:
        with a_machine():
            entry = make_entry(service, **fault.entry_data(service))
            assert await hass.config_entries.async_setup(entry.entry_id)
            await wait_for_state(hass, CONNECTION, "on")
        statistics = entry.runtime_data.statistics
        before = service.waiter_call("5")["hash"]
        await bus.wait(1)
        states = StateRecorder(hass)
        caplog.clear()

        with a_machine():
            with client_for(entry, fault):
                async with fault.happens(service, hass):
                    missed = service.waiter_call("6")["hash"]
                    if fault.error:
                        await wait_until(lambda: statistics.failures[fault.error] >= 2)
                        assert state_of(hass, CONNECTION) == "off"
                        assert bus.ids == [before]
                    else:
                        await bus.wait(1 + len(fault.says))
                        await service.wait_for_requests(2)
                    assert what_is_asked(hass) == list(fault.asks)
                    # However short, what follows counts as an interruption.
                    found = ExitStack()
                    found.enter_context(timed(interruption=0 if fault.error else 60))
            await bus.wait(2 + len(fault.says))
            await wait_for_state(hass, CONNECTION, "on")
            found.close()
            await service.wait_for_requests(2)
            after = service.waiter_call("7")["hash"]
            await bus.wait(3 + len(fault.says))
            await service.wait_for_requests(2)
        assert await hass.config_entries.async_unload(entry.entry_id)

    assert sorted(bus.ids) == sorted([before, *fault.says, missed, after])
    assert [data["event_id"] for data in bus.data if data["late"]] == (
        [missed] if fault.error else []
    )
    outage = bool(fault.error)
    assert states.connection[: 2 * outage] == ["off", "on"] * outage
    assert set(states.connection[2 * outage :]) <= {"unavailable"}, "unloaded at last"
    assert set(statistics.failures) == ({fault.error} if fault.error else set())
    assert not what_is_asked(hass)
    ours = [
        record.levelname
        for record in caplog.records
        if record.name.startswith("custom_components")
        and record.levelno > logging.DEBUG
    ]
    assert ours == ["ERROR", "INFO"] * outage
    formatter = logging.Formatter()
    assert TOKEN not in "\n".join(map(formatter.format, caplog.records))


async def test_the_pause_grows_while_the_server_is_away_and_is_never_in_step(
    qr_menu: QrMenuService, entry: MockConfigEntry
) -> None:
    connection = entry.runtime_data.connection
    connection.backoff.base = 4.0

    def pause(failures: int, err: ServiceError | None = None) -> float:
        connection.backoff.failures = failures - 1
        seconds: float = connection.backoff.failed(err or ServiceUnavailable(""))
        return seconds

    with timed(max_pause=30.0, refused_pause=30.0):
        for failures, longest in (
            (1, 4.0),
            (2, 8.0),
            (3, 16.0),
            (4, 30.0),
            (999, 30.0),
        ):
            pauses = {pause(failures) for _ in range(20)}
            assert longest / 2 <= min(pauses) < max(pauses) <= longest
        refused = AuthenticationError("")
        assert await connection.async_failed(refused, log=False) == 30.0
        assert pause(999, RateLimited("", retry_after=90.0)) == 90.0
        assert pause(999, RateLimited("", retry_after=1.0)) >= 15.0
