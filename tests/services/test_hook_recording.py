"""What comes to a hook, as it is recorded."""

from base64 import b64decode
import re
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant

from custom_components.carbis_alerts.api.fields import as_object, as_text
from custom_components.carbis_alerts.api.json import read_json
from simulator.pbx import PbxService

from ..conftest import Recorder
from .test_reader import HOOK, SMS, web

__all__ = ["web"]


async def test_what_comes_to_a_hook_is_recorded_as_it_came_without_who_and_what(
    hass: HomeAssistant, web: TestClient[Any, Any], pbx: PbxService, bus: Recorder
) -> None:
    (entry,) = hass.config_entries.async_entries("carbis_alerts")
    recording = entry.runtime_data.recording
    await recording.async_begin()
    bodies = [(SMS % (pbx.device_id, "Столик")).encode("cp1251"), b"<xml>Anna</xml>"]
    for body in bodies:
        await web.post(f"/api/webhook/{HOOK}", data=body)
    await recording.async_end()
    (data,) = await bus.wait(1)
    assert data["text"] == "Столик"
    sms, broken = recording.as_dict()["exchanges"]
    assert (sms["kind"], broken["kind"]) == ("hook", "hook")
    raw = b64decode(sms["body_base64"])
    assert len(raw) == len(bodies[0])
    text = as_text(as_object(as_object(read_json(raw))["payload"])["text"]) or ""
    assert (len(text), text.isalpha(), text == "Столик") == (6, True, False)
    assert re.fullmatch(r"<\w{3}>\w{4}</\w{3}>", broken["body"])
    whole = str(recording.as_dict())
    assert [one for one in (HOOK, pbx.device_id, "Anna") if one in whole] == []
