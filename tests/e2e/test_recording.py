"""What a real process recorded, played to it again by a simulator: the same happens."""

import asyncio
from contextlib import suppress
import json
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.live_demo.home_assistant import PAUSE
from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Service
from tests.real_site import RealSite

EVENT: Final = "carbis_alerts_event"
GUEST: Final = "79821234567"
# By the kind of service: what happens there, and the types of its events.
HAPPENS: Final[dict[type[Service], list[tuple[str, Any]]]] = {
    QrMenu: [
        ("/qr-menu/tables/6/call", None),
        ("/qr-menu/tables/6/dishes", {"dishes": ["Медовик"]}),
        ("/qr-menu/events", {"code": "table_closed", "table": 1000028}),
        ("/qr-menu/tables/6/pay", None),
    ],
    Pbx: [
        ("/pbx/calls", {"from": f"+{GUEST}", "to": "107"}),
        ("/pbx/calls/1/answer", None),
        ("/pbx/calls/1/hang-up", None),
        ("/pbx/sms", {"from": f"+{GUEST}", "text": "Столик на двоих"}),
        ("/pbx/calls", {"from": f"+{GUEST}", "to": "107"}),
        ("/pbx/calls/2/miss", None),
    ],
    Messenger: [
        ("/green-api/messages", {"chat": GUEST, "name": "Иван", "text": "Добрый день"}),
        ("/green-api/messages", {"chat": GUEST, "text": "Ждём", "ours": True}),
        ("/green-api/calls", {"from": GUEST, "status": "missed"}),
    ],
}
TYPES: Final[dict[type[Service], list[str]]] = {
    QrMenu: ["waiter_call", "dishes_added", "other", "online_payment"],
    Pbx: [
        *("incoming_call", "start_talk", "call_end", "sms"),
        *("incoming_call", "call_end", "missed_call"),
    ],
    Messenger: ["message", "message_sent", "whatsapp_call"],
}
PERSONAL: Final = (GUEST, GUEST[1:], "Иван", "Добрый", "двоих", "Медовик", "1000028")


@pytest.mark.slow
async def test_recordings_of_a_real_process_play_the_same_events(
    real_site: RealSite, tmp_path: Path
) -> None:
    for kind in (Pbx, Messenger, QrMenu):
        await record_and_play(real_site, tmp_path, kind)


async def record_and_play(
    real_site: RealSite, tmp_path: Path, kind: type[Service]
) -> None:
    """Record what happens at a service, play it, and compare the events."""
    simulator = await real_site.start_simulator()
    entry_id = await real_site.add(kind, simulator=simulator)
    async with await real_site.stream() as stream:
        await stream.listen(EVENT)
        await real_site.assistant.set_options(entry_id, {"record": True})
        await _recorded_again(real_site, entry_id)
        before: list[str] = []
        for path, content in HAPPENS[kind]:
            await real_site.publish(path, content, simulator=simulator)
            event = await stream.next_event()
            before.append(event.data["type"])
        while len(before) < len(TYPES[kind]):
            before.append((await stream.next_event()).data["type"])
        assert before == TYPES[kind]

        file = await _diagnostics(real_site, entry_id)
        assert [one for one in PERSONAL if one in file] == []
        for secret in (
            "qr_menu_token",
            "pbx_token",
            "green_api_token",
            "pbx_device_id",
        ):
            assert simulator[secret] not in file

        path_of_file = tmp_path / "diagnostics.json"
        path_of_file.write_text(file, "utf-8")
        player = await real_site.start_simulator(
            *("--replay", str(path_of_file), "--replay-speed", "2"),
            *("--green-api-instance", "1101000009"),
        )
        played_id = await real_site.add(kind, simulator=player)
        after: list[str] = []
        while len(after) < len(before):
            event = await stream.next_event()
            if event.data["entry_id"] == played_id:
                after.append(event.data["type"])
        assert after == before


async def _recorded_again(site: RealSite, entry_id: str) -> None:
    """Wait until the entry, which its options made start again, has an answer."""
    while True:
        with suppress(AssertionError, KeyError):
            recording = json.loads(await _diagnostics(site, entry_id))["data"][
                "recording"
            ]
            kinds = [exchange["kind"] for exchange in recording["exchanges"]]
            if (
                "start" in kinds[:-1]
                and recording["exchanges"][-1].get("status") == 200
            ):
                return
        await asyncio.sleep(PAUSE)


async def _diagnostics(site: RealSite, entry_id: str) -> str:
    """Return what a person downloads."""
    url = f"{site.assistant.url}/api/diagnostics/config_entry/{entry_id}"
    headers = {"Authorization": f"Bearer {site.assistant.token}"}
    async with site.session.get(url, headers=headers) as answer:
        assert answer.ok
        return await answer.text()
