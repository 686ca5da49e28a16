"""A client of Home Assistant's HTTP API: its first user, and the set-up of an entry."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

import aiohttp

from .errors import DemoError
from .service import Subentry

DOMAIN: Final = "carbis_alerts"
PAUSE: Final = 0.1


class SetUp(Protocol):
    """What can be set up through its form."""

    name: str

    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a person would enter in a step, given what it shows."""


class HomeAssistant:
    """A Home Assistant that has just started."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Use an address without a slash at the end."""
        self._session = session
        self.url = url
        self.token = ""

    async def wait(self) -> None:
        """Wait until it answers."""
        while True:
            try:
                async with self._session.get(f"{self.url}/api/onboarding") as response:
                    if response.ok:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(PAUSE)

    async def wait_until_running(self) -> str:
        """Wait until all is set up; return the version."""
        while True:
            config = await self._request("GET", "/api/config")
            if config["state"] == "RUNNING":
                return str(config["version"])
            await asyncio.sleep(PAUSE)

    async def onboard(self, user: str, password: str, language: str) -> None:
        """Create the first user and sign in."""
        answer = await self._request(
            "POST",
            "/api/onboarding/users",
            json={
                "client_id": f"{self.url}/",
                "name": user.capitalize(),
                "username": user,
                "password": password,
                "language": language,
            },
        )
        self.token = await self._token(answer["auth_code"])

    async def sign_in(self, user: str, password: str) -> HomeAssistant:
        """Return it as another user sees it."""
        path = "/auth/login_flow"
        client = {"client_id": f"{self.url}/"}
        step = await self._request(
            "POST",
            path,
            json={
                **client,
                "handler": ["homeassistant", None],
                "redirect_uri": f"{self.url}/",
            },
        )
        step = await self._request(
            "POST",
            f"{path}/{step['flow_id']}",
            json={**client, "username": user, "password": password},
        )
        _check(f"Signing in {user}", step)
        other = HomeAssistant(self._session, self.url)
        other.token = await self._token(step["result"])
        return other

    async def _token(self, code: str) -> str:
        """Return the token that a code stands for."""
        answer = await self._request(
            "POST",
            "/auth/token",
            data={
                "client_id": f"{self.url}/",
                "grant_type": "authorization_code",
                "code": code,
            },
        )
        return str(answer["access_token"])

    async def set_up(self, service: SetUp) -> str:
        """Go through the set-up as a person does; return the id of the entry."""
        path = "/api/config/config_entries/flow"
        step = await self._request("POST", path, json={"handler": DOMAIN})
        while step["type"] in ("menu", "form"):
            answer = service.answer(
                step["step_id"], step["description_placeholders"] or {}
            )
            step = await self._request("POST", f"{path}/{step['flow_id']}", json=answer)
            _check(f"The set-up of the {service.name}", step)
        return str(step["result"]["entry_id"])

    async def add(self, entry_id: str, subentry: Subentry) -> None:
        """Add something to an entry as a person does."""
        path = "/api/config/config_entries/subentries/flow"
        handler = [entry_id, subentry.kind]
        step = await self._request("POST", path, json={"handler": handler})
        step = await self._request(
            "POST", f"{path}/{step['flow_id']}", json=subentry.data
        )
        _check(f"Adding a {subentry.kind}", step)

    async def change(
        self,
        entry_id: str,
        kind: str,
        subentry_id: str,
        menu: str,
        fields: Mapping[str, Any],
    ) -> None:
        """Change a part of something that was added to an entry, as a person does."""
        path = "/api/config/config_entries/subentries/flow"
        step = await self._request(
            "POST",
            path,
            json={
                "handler": [entry_id, kind],
                "subentry_id": subentry_id,
                "show_advanced_options": False,
            },
        )
        for answer in ({"next_step_id": menu}, fields):
            if step["type"] not in ("menu", "form"):
                break
            step = await self._request("POST", f"{path}/{step['flow_id']}", json=answer)
        if step.get("errors") or step.get("reason") != "reconfigure_successful":
            raise DemoError(f"Changing a {kind} ended with {step}.")

    async def set_options(self, entry_id: str, options: Mapping[str, Any]) -> None:
        """Change an entry's options as a person does, and leave the others."""
        path = "/api/config/config_entries/options/flow"
        step = await self._request("POST", path, json={"handler": entry_id})
        step = await self._request("POST", f"{path}/{step['flow_id']}", json=options)
        _check("Setting the options", step)

    async def register_phone(self, name: str, push_url: str) -> str:
        """Register a phone as its companion app does; return its webhook's id."""
        answer = await self._request(
            "POST",
            "/api/mobile_app/registrations",
            json={
                "app_id": "carbis_alerts_demo",
                "app_name": "Carbis Alerts demo",
                "app_version": "1",
                "app_data": {"push_token": "demo", "push_url": push_url},
                "device_id": f"carbis_alerts_demo_{name}",
                "device_name": name,
                "manufacturer": "Carbis Alerts",
                "model": "Demo",
                "os_name": "Demo",
                "os_version": "1",
                "supports_encryption": False,
            },
        )
        return str(answer["webhook_id"])

    async def add_automation(self, name: str, config: Mapping[str, Any]) -> None:
        """Save an automation as the editor does."""
        path = f"/api/config/automation/config/{name}"
        await self._request("POST", path, json=config)

    async def _request(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else None
        async with self._session.request(
            method, self.url + path, headers=headers, **content
        ) as response:
            if not response.ok:
                raise DemoError(
                    f"Home Assistant answers {method} {path} with {response.status}: {await response.text()}"
                )
            answer: dict[str, Any] = await response.json()
            return answer


def _check(what: str, step: Mapping[str, Any]) -> None:
    """Raise an error where a flow complains or has ended without a result."""
    if step.get("errors"):
        raise DemoError(f"{what} says: {step['errors']}.")
    if step["type"] not in ("menu", "form", "create_entry"):
        raise DemoError(f"{what} ended with {step.get('reason', step['type'])}.")
