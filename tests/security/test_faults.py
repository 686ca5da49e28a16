"""Faults of our own stay where they are: nobody else's work ends, and the log is short."""

import logging
from typing import Any
from unittest.mock import Mock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.carbis_alerts.runtime import failures
from custom_components.carbis_alerts.runtime.failures import FaultLog
from custom_components.carbis_alerts.runtime.signals import Signals
from custom_components.carbis_alerts.services.pbx import hook_requests
from simulator.green_api import GreenApiService

from ..flows import begin
from ..services.test_pbx_webhook import hooked, web

__all__ = ["hooked", "web"]

NUMBER = "+79821234567"
MANY = 300


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no minute pass."""
    monkeypatch.setattr(failures, "time", Mock(monotonic=lambda: 0.0))


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged as an error."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR and "carbis_alerts" in record.name
    ]


@pytest.mark.usefixtures("one_moment")
def test_a_listener_that_fails_each_time_is_logged_once_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    signals, called = Signals("QR menu"), []

    def fail() -> None:
        raise ValueError(NUMBER)

    signals.listen_values("", fail)
    signals.listen_values("", lambda: called.append(1))
    for _ in range(MANY):
        signals.values_changed([""])
    assert len(called) == MANY
    (line,) = lines(caplog)
    assert "A listener of QR menu failed (ValueError)" in line
    assert "in fail" in line
    assert NUMBER not in line


def test_what_was_not_logged_is_counted_in_the_next_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter((0.0, 1.0, 59.9, 60.0, 61.0))
    monkeypatch.setattr(failures, "time", Mock(monotonic=lambda: next(moments)))
    log = FaultLog()
    for _ in range(5):
        log.log("It failed", KeyError(NUMBER))
    assert [line.partition(";")[0] for line in lines(caplog)] == [
        "It failed (KeyError)",
        "It failed (KeyError, and 2 more since the last such line)",
    ]


@pytest.mark.usefixtures("one_moment")
async def test_a_hook_whose_every_message_fails_fills_no_log(
    hass: HomeAssistant,
    hooked: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = await hass_client_no_auth()
    path = f"/api/webhook/{hooked.data['webhook_id']}"
    monkeypatch.setattr(hook_requests, "_FAULTS", FaultLog())
    with patch.object(hook_requests, "parse_message", side_effect=KeyError(NUMBER)):
        for _ in range(MANY):
            answer = await client.post(path, json={"event_type": "sms"})
            assert answer.status == 500
    (line,) = lines(caplog)
    assert NUMBER not in line
    assert len(line) < 2_000


async def test_settings_whose_change_fails_unexpectedly_are_an_error_in_the_dialog(
    hass: HomeAssistant, green_api: GreenApiService
) -> None:
    green_api.settings["incomingWebhook"] = "no"
    shown: Any = await hass.config_entries.flow.async_configure(
        (await begin(hass, "green_api"))["flow_id"],
        {
            "url": green_api.url,
            "instance_id": green_api.instance_id,
            "token": green_api.token,
        },
    )
    assert shown["step_id"] == "mend"
    where = "custom_components.carbis_alerts.api.green_api.GreenApiClient.set_settings"
    with patch(where, side_effect=RuntimeError):
        shown = await hass.config_entries.flow.async_configure(
            shown["flow_id"], {"confirm": True}
        )
    assert shown["errors"] == {"base": "unknown"}
    done: Any = await hass.config_entries.flow.async_configure(
        shown["flow_id"], {"confirm": True}
    )
    assert done["type"] == "create_entry"
