"""Everything to MQTT: through Home Assistant's own integration to a real broker."""

import asyncio
from collections.abc import AsyncGenerator, Generator
import contextlib
import json
import os
from pathlib import Path
import re
import shutil
import socket
import subprocess
from typing import Any
from unittest.mock import patch

from homeassistant.core import CoreState, HomeAssistant
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.faults import Faults
from simulator.pbx import PbxService
from simulator.qr_menu import QrMenuService
from simulator.service import PATIENCE

from ..alerts import act
from ..conftest import Recorder
from ..helpers import wait_for_state, wait_until
from .conftest import Automate

CALLER = "+79821234567"


def find_mosquitto(folder: Path) -> tuple[str, dict[str, str]]:
    """Return Debian's broker and its environment: installed, else fetched.

    Where this is root it is installed, else unpacked into the folder.
    """
    if (installed := _installed()) is not None:
        return installed, {}
    if os.geteuid() == 0:
        # Lists that are old or not there at all are the usual case in a container; a
        # mirror of others that cannot be reached does not matter.
        _apt("apt-get", "update", "-q", check=False)
        _apt("apt-get", "install", "-y", "-q", "--no-install-recommends", "mosquitto")
        if (installed := _installed()) is not None:
            return installed, {}
    needs = _apt("apt-cache", "depends", "mosquitto")
    libraries = re.findall(r"Depends: (lib(?!c6$)\S+)", needs, re.MULTILINE)
    _apt("apt-get", "download", "-q", "mosquitto", *libraries, folder=folder)
    for package_file in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package_file, folder], check=True, timeout=60)
    folders = {str(library.parent) for library in folder.rglob("lib*.so*")}
    return str(folder / "usr/sbin/mosquitto"), {"LD_LIBRARY_PATH": ":".join(folders)}


def _installed() -> str | None:
    """Return the broker's program where it is installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return shutil.which("mosquitto", path=path)


def _apt(*command: str, check: bool = True, folder: Path | None = None) -> str:
    """Run a command of apt and return what it says; fail in words."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            check=check,
            capture_output=True,
            text=True,
            timeout=180,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        ).stdout
    except (OSError, subprocess.SubprocessError) as err:
        pytest.fail(
            "This test needs the MQTT broker mosquitto. It is not installed"
            f" (apt-get install mosquitto) and could not be fetched either: {err}"
        )


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def mosquitto(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, dict[str, str]]:
    """Return the broker's program and environment."""
    return find_mosquitto(tmp_path_factory.mktemp("mosquitto"))


@pytest.fixture
async def broker(
    mosquitto: tuple[str, dict[str, str]], tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[int]:
    """Return the port of a running broker."""
    program, environment = mosquitto
    port = free_port()
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = await asyncio.create_subprocess_exec(
        program,
        "-c",
        str(config),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE):
            while b"running" not in (line := await process.stderr.readline()):
                if not line:
                    pytest.fail(f"{program} ended with {await process.wait()}")
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


class Headquarters:
    """A program of its own at the broker that listens to all venues."""

    def __init__(self, port: int) -> None:
        """Connect and listen."""
        self.messages: list[tuple[str, Any, bool]] = []
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()

    async def ready(self) -> None:
        """Wait until the broker knows."""
        async with asyncio.timeout(PATIENCE):
            await self._ready.wait()

    def close(self) -> None:
        """Go."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_subscribe(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._ready.set)

    def _on_message(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        payload = json.loads(message.payload) if message.payload else None
        self._loop.call_soon_threadsafe(
            self.messages.append, (message.topic, payload, message.retain)
        )

    @property
    def topics(self) -> list[str]:
        """Return the topics so far, in order."""
        return [topic for topic, _, _ in self.messages]

    async def wait(self, count: int) -> list[tuple[str, Any, bool]]:
        """Wait until so many messages have come."""
        await wait_until(lambda: len(self.messages) >= count, timeout=8)
        return self.messages


@contextlib.asynccontextmanager
async def headquarters_at(port: int) -> AsyncGenerator[Headquarters]:
    """Listen as somebody who has just come."""
    newcomer = Headquarters(port)
    try:
        await newcomer.ready()
        yield newcomer
    finally:
        newcomer.close()


@pytest.fixture
async def headquarters(broker: int) -> AsyncGenerator[Headquarters]:
    """Return somebody who listens from the beginning."""
    async with headquarters_at(broker) as listener:
        yield listener


@pytest.fixture
def _no_cooldown() -> Generator[None]:
    """Leave MQTT's pauses for discovery out; there is none."""
    client = "homeassistant.components.mqtt.client"
    with (
        patch(f"{client}.DISCOVERY_COOLDOWN", 0.0),
        patch(f"{client}.INITIAL_SUBSCRIBE_COOLDOWN", 0.0),
        patch(f"{client}.SUBSCRIBE_COOLDOWN", 0.0),
    ):
        yield


@pytest.fixture
async def mqtt(
    hass: HomeAssistant, broker: int, _no_cooldown: None
) -> AsyncGenerator[MockConfigEntry]:
    """Return Home Assistant's MQTT, connected."""
    # It reads the configuration for entities that are set up there.
    await hass.async_add_executor_job(
        Path(hass.config.path("configuration.yaml")).touch
    )
    entry = MockConfigEntry(
        domain="mqtt",
        version=2,
        minor_version=1,
        data={"broker": "127.0.0.1", "port": broker, "protocol": "5"},
        options={"discovery": False, "birth_message": {}, "will_message": {}},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_events_alerts_and_what_is_retained(
    hass: HomeAssistant,
    broker: int,
    headquarters: Headquarters,
    mqtt: MockConfigEntry,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
    alerts: Recorder,
) -> None:
    await automate("mqtt", venue="spb/nevsky-12")
    qr_menu.waiter_call("6")
    event, opened, retained = await headquarters.wait(3)
    (on_bus,) = bus.data
    (alert,) = alerts.data
    topic = f"carbis/spb/nevsky-12/alert/{alert['alert_id']}"
    assert event == ("carbis/spb/nevsky-12/event/qr_menu/waiter_call", on_bus, False)
    assert opened == ("carbis/spb/nevsky-12/alerts/waiter_call/opened", alert, False)
    assert retained == (topic, alert, False)
    assert alert["state"] == "open"
    async with headquarters_at(broker) as newcomer:
        assert await newcomer.wait(1) == [(topic, alert, True)]

    await act(hass, "acknowledge", alert_id=alert["alert_id"], by="Анна")
    acknowledged = (await headquarters.wait(5))[4]
    assert (acknowledged[1]["state"], acknowledged[1]["by"]) == ("acknowledged", "Анна")

    qr_menu.add_dishes("6")
    qr_menu.pay("6")
    messages = await headquarters.wait(9)
    assert [
        topic.removeprefix("carbis/spb/nevsky-12/") for topic, _, _ in messages[5:]
    ] == [
        "event/qr_menu/dishes_added",
        "event/qr_menu/online_payment",
        "alerts/waiter_call/closed",
        f"alert/{alert['alert_id']}",
    ]
    assert messages[7][1]["reason"] == "paid"
    assert messages[8][1] is None
    async with headquarters_at(broker) as newcomer:
        qr_menu.add_dishes("5")
        (first,) = await newcomer.wait(1)
        assert first[0].endswith("dishes_added")


async def test_a_burst_arrives_whole_and_in_order(
    hass: HomeAssistant,
    headquarters: Headquarters,
    mqtt: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
) -> None:
    await automate("mqtt", venue="a", topic="chain/")
    texts = [f"SMS {index}" for index in range(100)]
    for text in texts:
        pbx.sms(CALLER, text)
    messages = await headquarters.wait(100)
    assert [data["text"] for _, data, _ in messages] == texts
    assert set(headquarters.topics) == {"chain/a/event/pbx/sms"}


async def test_without_guests_numbers_and_with_this_homes_name(
    hass: HomeAssistant,
    headquarters: Headquarters,
    mqtt: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
    bus: Recorder,
) -> None:
    hass.states.async_set("zone.home", "0", {"friendly_name": "Кафе на Невском"})
    await automate("mqtt", personal=False)
    pbx.miss(pbx.ring(CALLER, "107"))
    messages = await headquarters.wait(5)
    assert "9821234567" not in str(messages)
    topic, ring, _ = messages[0]
    assert topic == "carbis/kafe_na_nevskom/event/pbx/incoming_call"
    assert ring == {**bus.data[0], "caller": None}
    alert = messages[-1][1]
    assert (alert["key"], alert["title"], alert["kind"]) == (None, None, "missed_call")


async def test_a_lost_connection_is_retained_and_other_services_are_left_out(
    hass: HomeAssistant,
    broker: int,
    headquarters: Headquarters,
    mqtt: MockConfigEntry,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    pbx: PbxService,
    pbx_entry: MockConfigEntry,
    automate: Automate,
) -> None:
    await automate("mqtt", venue="a+b", sources=["pbx"])
    qr_menu.waiter_call("6")
    pbx.faults.set(Faults(refuse=True))
    await wait_for_state(hass, "binary_sensor.pbx_127_0_0_1_connection", "off")
    (lost,) = await headquarters.wait(1)
    assert lost[0] == f"carbis/a_b/connection/{pbx_entry.entry_id}"
    assert (lost[1]["connected"], lost[1]["source"]) == (False, "pbx")
    pbx.faults.clear()
    back = (await headquarters.wait(2))[1]
    assert back[1]["connected"] is True
    async with headquarters_at(broker) as newcomer:
        assert await newcomer.wait(1) == [(back[0], back[1], True)]


async def test_after_a_start_what_the_broker_retained_is_put_right(
    hass: HomeAssistant,
    broker: int,
    headquarters: Headquarters,
    mqtt: MockConfigEntry,
    qr_menu: QrMenuService,
    entry: MockConfigEntry,
    automate: Automate,
    alerts: Recorder,
) -> None:
    qr_menu.waiter_call("6")
    (paid,) = await alerts.wait(1)
    mine = f"carbis/a/alert/{paid['alert_id']}"
    await hass.services.async_call(
        "mqtt",
        "publish",
        {"topic": mine, "payload": "{}", "retain": True},
        blocking=True,
    )
    qr_menu.add_dishes("6")
    qr_menu.pay("6")
    qr_menu.waiter_call("5")
    waits = (await alerts.wait(3))[2]
    hass.set_state(CoreState.starting)
    await automate("mqtt", venue="a")
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_start")
    hass.bus.async_fire("homeassistant_started")
    gone, there = (await headquarters.wait(3))[1:]
    assert gone[:2] == (mine, None)
    assert there[0] == f"carbis/a/alert/{waits['alert_id']}"
    assert there[1].keys() == waits.keys()
    assert (there[1]["state"], there[1]["title"]) == ("open", waits["title"])
    async with headquarters_at(broker) as newcomer:
        assert await newcomer.wait(1) == [(*there[:2], True)]
