"""The demo's team: people with phones, their zones, and who works when."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
import secrets
from typing import Any, Final, Self

import aiohttp

from simulator.restaurant import WAITERS

from .errors import DemoError
from .home_assistant import PAUSE, HomeAssistant
from .phone import Phone
from .service import unknown_step
from .stream import Stream

ANNA, DMITRY, GULNARA = (waiter for waiter, _ in WAITERS)
HALL: Final = "hall"
TERRACE: Final = "terrace"
# How the simulator calls the tables of the second zone.
ON_TERRACE: Final = "Терраса"
SHIFT_PLAN: Final = "schedule.shift_plan"
FIGURES: Final = ("answered_today", "answer_time")
# Home Assistant's group of users who are no administrators.
USERS: Final = "system-users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the team, by what the words, the till and the zone are called.

    Where no entity says who works, the person's own switch does.
    """

    key: str
    waiter: int
    zone: str
    shift_entity: str | None = None


MEMBERS: Final = (
    Member(key="anna", waiter=ANNA, zone=HALL),
    Member(key="dmitry", waiter=DMITRY, zone=TERRACE, shift_entity=SHIFT_PLAN),
    Member(key="gulnara", waiter=GULNARA, zone=HALL),
)


class Team:
    """Three people, as Home Assistant, the till and the team know them."""

    def __init__(
        self, session: aiohttp.ClientSession, words: Mapping[str, str]
    ) -> None:
        """Give each a phone that is not registered yet."""
        self.name = "team"
        self._words = words
        self.phones = {
            one.key: Phone(session, words[f"phone_{one.key}"]) for one in MEMBERS
        }
        self.notifications: dict[str, str] = {}
        """By the member's key, the sensor that shows what the phone shows."""
        self.entry_id = ""
        self._people: dict[str, str] = {}
        self._areas: dict[str, str] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Switch the phones on."""
        for phone in self.phones.values():
            await self._stack.enter_async_context(phone)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Switch the phones off."""
        await self._stack.aclose()

    async def arrive(self, assistant: HomeAssistant, stream: Stream) -> None:
        """Make a user and a person of each, whose phone they register themselves."""
        for one in MEMBERS:
            name, password = self._words[one.key], secrets.token_hex(8)
            answer = await stream.command(
                "config/auth/create", name=name, group_ids=[USERS]
            )
            user_id = answer["user"]["id"]
            await stream.command(
                "config/auth_provider/homeassistant/create",
                user_id=user_id,
                username=one.key,
                password=password,
            )
            person = await stream.command(
                "person/create", name=name, user_id=user_id, device_trackers=[]
            )
            phone = self.phones[one.key]
            await phone.register(await assistant.sign_in(one.key, password))
            self._people[one.key] = await _entity(stream, "person", person["id"])
            self.notifications[one.key] = await _entity(
                stream, "mobile_app", phone.sensor
            )

    @property
    def found(self) -> dict[str, str]:
        """Return the entities that the dashboard shows."""
        return {
            f"{key}_notification": entity_id
            for key, entity_id in self.notifications.items()
        }

    async def open_zones(self, stream: Stream) -> None:
        """Make the areas that are the zones."""
        for zone in (HALL, TERRACE):
            area = await stream.command(
                "config/area_registry/create", name=self._words[f"area_{zone}"]
            )
            self._areas[zone] = area["area_id"]

    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the team, name it, tick the people; the entries are all that there are."""
        match step:
            case "user":
                return {"next_step_id": "team"}
            case "team":
                return {
                    "name": self._words["team"],
                    "people": [self._people[one.key] for one in MEMBERS],
                }
        raise unknown_step(step)

    async def set_up(self, assistant: HomeAssistant, stream: Stream) -> None:
        """Set the team up, then say of each what the first form leaves out."""
        self.entry_id = await assistant.set_up(self)
        listed = await stream.command(
            "config_entries/subentries/list", entry_id=self.entry_id
        )
        ids = {
            one["title"]: one["subentry_id"]
            for one in listed
            if one["subentry_type"] == "person"
        }
        for one in MEMBERS:
            subentry_id = ids.get(self._words[one.key])
            if subentry_id is None:
                raise DemoError(f"The team has {', '.join(ids)}, but not {one.key}.")
            for menu, fields in self._more(one).items():
                await assistant.change(
                    self.entry_id, "person", subentry_id, menu, fields
                )
        # Each change loads it again, one after another; this is the last of them.
        await stream.act("homeassistant.reload_config_entry", entry_id=self.entry_id)

    def _more(self, one: Member) -> dict[str, dict[str, Any]]:
        """Return what is entered later, by the part of the menu."""
        parts: dict[str, dict[str, Any]] = {
            "about": {
                "name": self._words[one.key],
                "person_entity": self._people[one.key],
                "role": "waiter",
                "pos_waiter": str(one.waiter),
            },
            "zone": {"zone": {"area_id": [self._areas[one.zone]]}},
        }
        if one.shift_entity is not None:
            parts["shift"] = {"shift_entity": one.shift_entity}
        return parts

    async def figures(self, stream: Stream) -> list[tuple[str, str | None]]:
        """Return how many calls each has answered today and how fast, by entity."""
        return [
            (entity["entity_id"], await stream.state(entity["entity_id"]))
            for entity in await stream.command("config/entity_registry/list")
            if entity["config_entry_id"] == self.entry_id
            and entity["config_subentry_id"] is not None
            and entity["translation_key"] in FIGURES
        ]

    async def sort(self, stream: Stream, menu_entry: str) -> None:
        """Put tables that are in no area into that of their zone."""
        for device in await stream.command("config/device_registry/list"):
            if (
                menu_entry in device["config_entries"]
                and device["via_device_id"] is not None
                and device["area_id"] is None
            ):
                zone = TERRACE if ON_TERRACE in device["name"] else HALL
                await stream.command(
                    "config/device_registry/update",
                    device_id=device["id"],
                    area_id=self._areas[zone],
                )


async def _entity(stream: Stream, platform: str, unique_id: str) -> str:
    """Wait until an entity is there, and return its id."""
    while True:
        for entity in await stream.command("config/entity_registry/list"):
            if (entity["platform"], entity["unique_id"]) == (platform, unique_id):
                return str(entity["entity_id"])
        await asyncio.sleep(PAUSE)
