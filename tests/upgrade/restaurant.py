"""A restaurant whose people and guests leave traces of every kind in Home Assistant."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, override

from scripts.live_demo.home_assistant import DOMAIN, PAUSE
from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Subentry
from scripts.live_demo.site_files import write_site
from tests.chaos.site import HookPbx
from tests.real_site import RealSite

from .automations import CONDITIONS, TRIGGERS, automations
from .folder import with_url
from .services import FIRST, SECOND

HERE: Final = Path(__file__).parent
GUEST: Final = "+79821234567"
GUEST_CHAT: Final = "79821234567@c.us"
OTHER_CHAT: Final = "79827654321@c.us"
STRANGER: Final = "+79995550011"
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "qr_menu": {"poll_interval": 2, "close_after": 45, "overdue_after": 90},
    "pbx": {"overdue_after": 120},
    "hook_pbx": {"keep_for": 2, "overdue_after": 0},
    "whatsapp": {"keep_for": 5, "overdue_after": 600},
}
SUBENTRIES: Final[Mapping[str, tuple[Subentry, ...]]] = {
    "pbx": (
        Subentry("contact", {"name": "Olga", "number": "8 982 123-45-67", "vip": True}),
        Subentry("contact", {"name": "Fish", "number": "+79991112233", "vip": False}),
    ),
    "whatsapp": (
        Subentry("chat", {"name": "Olga", "chat_id": GUEST_CHAT}),
        Subentry("chat", {"name": "Pyotr", "chat_id": "8 982 765-43-21"}),
    ),
}
ALERT_FIELDS: Final = (
    *("alert_id", "kind", "state", "key", "title", "text", "count", "opened_at"),
    *("acknowledged_at", "by", "reason", "entry_id", "device_id", "entity_id"),
    "area_id",
)
FIGURES: Final = (
    *("open_calls", "calls_today", "payments_today", "answer_time", "bill"),
    *("missed_calls_today", "last_caller", "messages_today", "account_state"),
)


class Restaurant(RealSite):
    """A Home Assistant with an entry of each kind, as people and guests leave it."""

    def __init__(self, *args: Any) -> None:
        """Prepare; nothing is started yet."""
        super().__init__(*args)
        self.second: dict[str, Any] = {}
        self.entries: dict[str, str] = {}

    @override
    async def build(self) -> None:
        self.simulator = await self.start_simulator(*FIRST)
        self.second = await self.start_simulator(*SECOND)
        self.config.mkdir()
        write_site(self.config, language="en", port=self._port)
        (self.config / "automations.yaml").write_text("[]\n", "utf-8")
        text = with_url(
            (HERE / "configuration.yaml").read_text("utf-8"), self.assistant.url
        )
        counters = (*TRIGGERS, *CONDITIONS, "bus_event", "bus_alert", "entity_state")
        lines = "".join(f"  {name}:\n" for name in counters)
        (self.config / "configuration.yaml").write_text(text + lines, "utf-8")

    @override
    async def set_up(self) -> None:
        await self.build()
        await self.start()
        await self.welcome()
        for name, kind in (
            ("qr_menu", QrMenu),
            ("pbx", Pbx),
            ("hook_pbx", HookPbx),
            ("whatsapp", Messenger),
        ):
            simulator = self.second if name == "hook_pbx" else None
            entry_id = await self.add(kind, simulator=simulator)
            self.entries[name] = entry_id
            for subentry in SUBENTRIES.get(name, ()):
                await self.assistant.add(entry_id, subentry)
            options = {**OPTIONS[name], "daily_reset": "05:30:00"}
            await self.assistant.set_options(entry_id, options)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until a question is answered with yes."""
        async with asyncio.timeout(60):
            while not await holds():  # noqa: ASYNC110
                await asyncio.sleep(PAUSE)

    async def alerts(self, **which: str) -> list[dict[str, Any]]:
        """Return the alerts."""
        async with await self.stream() as stream:
            answer = await stream.ask("carbis_alerts.get_alerts", **which)
        alerts: list[dict[str, Any]] = answer["alerts"]
        return alerts

    async def wait_for_alerts(self, *titles: str, state: str = "open") -> None:
        """Wait until alerts with these titles have a state."""

        async def are_there() -> bool:
            found = await self.alerts(state=state)
            return set(titles) <= {alert["title"] for alert in found}

        await self.until(are_there)

    async def acknowledge(self, title: str, **data: str) -> None:
        """Take that somebody has an alert."""
        alert = next(a for a in await self.alerts() if a["title"] == title)
        async with await self.stream() as stream:
            await stream.act(
                "carbis_alerts.acknowledge", alert_id=alert["alert_id"], **data
            )

    async def entities(self) -> list[dict[str, Any]]:
        """Return the entities of the integration and the automations."""
        async with await self.stream() as stream:
            found = await stream.command("config/entity_registry/list")
        return [item for item in found if item["platform"] in (DOMAIN, "automation")]

    async def wait_until_connected(self) -> None:
        """Wait until every service has answered."""

        async def are_on() -> bool:
            connections = {
                entity["entity_id"]
                for entity in await self.entities()
                if entity["translation_key"] == "connection"
            }
            async with await self.stream() as stream:
                states = await stream.command("get_states")
            on = {state["entity_id"] for state in states if state["state"] == "on"}
            return len(connections) == len(self.entries) and connections <= on

        await self.until(are_on)

    async def live(self) -> None:
        """Let guests come, call, order, pay and write, and people answer them."""
        await self.wait_until_connected()
        for table in ("3", "6", "8", "Терраса 1"):
            await self.publish(f"/qr-menu/tables/{table}/dishes")
        for table in ("3", "6", "8", "Терраса 1"):
            await self.call_waiter(table)
        await self.wait_for_alerts("3", "6", "8", "Терраса 1")
        await self.call_waiter("3")
        await self.acknowledge("6", by="Anna")
        await self.publish("/qr-menu/tables/8/pay")
        await self.wait_for_alerts("8", state="closed")
        for caller, simulator in (
            (GUEST, self.simulator),
            ("+79991112233", self.simulator),
            (STRANGER, self.second),
        ):
            await self.miss(caller, simulator)
        await self.publish("/pbx/sms", {"from": GUEST, "text": "We are late"})
        await self.wait_for_alerts("Olga", "Fish")
        await self.acknowledge("Fish", by="Dmitry")
        for chat, name in ((GUEST_CHAT, "Olga"), (OTHER_CHAT, "Pyotr")):
            content = {"chat": chat, "name": name, "text": "A table for two?"}
            await self.publish("/green-api/messages", content)

        async def are_written() -> bool:
            return len([a for a in await self.alerts() if a["kind"] == "message"]) == 2

        await self.until(are_written)
        async with await self.stream() as stream:
            await stream.ask(
                "carbis_alerts.send_message",
                entry_id=self.entries["whatsapp"],
                chat_id=OTHER_CHAT,
                message="Yes, at seven.",
            )
        await self.wait_for_alerts("Pyotr", state="closed")

    async def furnish(self) -> None:
        """Put devices into areas, rename some, label one, and add the automations."""
        async with await self.stream() as stream:
            floor = await stream.command("config/floor_registry/create", name="Ground")
            label = await stream.command("config/label_registry/create", name="Window")
            areas = {
                name: await stream.command(
                    "config/area_registry/create",
                    name=name,
                    **({"floor_id": floor["floor_id"]} if name == "Hall" else {}),
                )
                for name in ("Hall", "Terrace", "Office")
            }
            devices = {
                device["name"]: device["id"]
                for device in await stream.command("config/device_registry/list")
                if any(domain == DOMAIN for domain, _ in device["identifiers"])
            }
            for name, changes in (
                ("Table 3", {"area_id": areas["Hall"]["area_id"]}),
                ("Table 6", {"labels": [label["label_id"]]}),
                ("Терраса 1", {"area_id": areas["Terrace"]["area_id"]}),
                ("Extension 107", {"area_id": areas["Office"]["area_id"]}),
            ):
                await stream.command(
                    "config/device_registry/update", device_id=devices[name], **changes
                )
            await stream.command(
                "config/device_registry/update",
                device_id=devices["Table 6"],
                name_by_user="By the window",
            )
            for old, new in (
                ("event.table_3_activity", "event.first_table"),
                ("binary_sensor.table_6_waiter_called", "binary_sensor.window"),
            ):
                await stream.command(
                    "config/entity_registry/update", entity_id=old, new_entity_id=new
                )
            await stream.command(
                "config/entity_registry/update",
                entity_id="sensor.table_3_bill",
                name="What table 3 owes",
            )
        by_key = {
            (entity["config_entry_id"], entity["translation_key"]): entity
            for entity in await self.entities()
            if entity["config_subentry_id"] is None
        }
        hubs = {
            name: by_key[entry_id, "connection"]["device_id"]
            for name, entry_id in self.entries.items()
        }
        chats = [
            e for e in await self.entities() if e["entity_id"].startswith("notify")
        ]
        targets: dict[str, dict[str, Any]] = {
            "table": {"device_id": devices["Table 3"]},
            "terrace": {"area_id": areas["Terrace"]["area_id"]},
            "floor": {"floor_id": floor["floor_id"]},
            "label": {"label_id": label["label_id"]},
            "renamed": {"entity_id": "binary_sensor.window"},
            "extension": {"device_id": devices["Extension 107"]},
            "chat": {"device_id": chats[0]["device_id"]},
            **{name: {"device_id": device_id} for name, device_id in hubs.items()},
        }
        made = automations(targets, self.entries)
        for name, content in made.items():
            await self.assistant.add_automation(name, content)

        async def are_there() -> bool:
            found = [e for e in await self.entities() if e["platform"] == "automation"]
            return len(found) == len(made)

        await self.until(are_there)

    async def describe(self) -> dict[str, Any]:
        """Return what Home Assistant says of what is there."""
        entities = await self.entities()
        async with await self.stream() as stream:
            states = {s["entity_id"]: s for s in await stream.command("get_states")}
            entries = await stream.command("config_entries/get", domain=DOMAIN)
        titles = {entry["entry_id"]: entry["title"] for entry in entries}
        alerts = await self.alerts() + await self.alerts(state="closed")
        return {
            "entries": {
                name: {"entry_id": entry_id, "title": titles[entry_id]}
                for name, entry_id in self.entries.items()
            },
            "entities": sorted(e["entity_id"] for e in entities),
            "alerts": [
                {field: alert[field] for field in ALERT_FIELDS if field in alert}
                for alert in alerts
            ],
            "figures": {
                entity["entity_id"]: states[entity["entity_id"]]["state"]
                for entity in entities
                if entity["translation_key"] in FIGURES
            },
        }

    async def talk(self, simulator: Mapping[str, Any]) -> None:
        """Let a call be answered and end."""
        is_initialized = await self.publish(
            "/pbx/calls", {"to": "107"}, simulator=simulator
        )
        call = f"/pbx/calls/{is_initialized['payload']['call_id']}"
        await self.publish(f"{call}/answer", simulator=simulator)
        await self.publish(f"{call}/hang-up", simulator=simulator)

    async def miss(self, caller: str, simulator: Mapping[str, Any]) -> None:
        """Let a call be missed."""
        is_initialized = await self.publish(
            "/pbx/calls", {"from": caller, "to": "107"}, simulator=simulator
        )
        call_id = is_initialized["payload"]["call_id"]
        await self.publish(f"/pbx/calls/{call_id}/miss", simulator=simulator)
