"""Users of Home Assistant, and how their browsers know them."""

from dataclasses import dataclass
import time
from typing import Any, Final

from scripts.live_demo.stream import Stream
from tests.real_site import PASSWORD, RealSite

ADMIN: Final = "system-admin"
USER: Final = "system-users"
READER: Final = "system-read-only"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    name: str
    username: str
    language: str
    tokens: dict[str, Any]


async def add_person(
    site: RealSite, name: str, username: str, *, group: str, language: str
) -> Person:
    """Create an account as an administrator does, and sign in to it."""
    async with await site.stream() as stream:
        created = await stream.command(
            "config/auth/create", name=name, group_ids=[group]
        )
        await stream.command(
            "config/auth_provider/homeassistant/create",
            user_id=created["user"]["id"],
            username=username,
            password=PASSWORD,
        )
    return await sign_in(site, name, username, language)


async def sign_in(site: RealSite, name: str, username: str, language: str) -> Person:
    """Sign in and choose the language as the profile page does."""
    url, session = site.assistant.url, site.session
    client = f"{url}/"

    async def ask(path: str, **content: Any) -> dict[str, Any]:
        async with session.post(url + path, **content) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer

    flow = await ask(
        "/auth/login_flow",
        json={
            "client_id": client,
            "handler": ["homeassistant", None],
            "redirect_uri": client,
        },
    )
    done = await ask(
        f"/auth/login_flow/{flow['flow_id']}",
        json={"client_id": client, "username": username, "password": PASSWORD},
    )
    tokens = await ask(
        "/auth/token",
        data={
            "client_id": client,
            "grant_type": "authorization_code",
            "code": done["result"],
        },
    )
    async with await Stream.open(session, url, tokens["access_token"]) as stream:
        await stream.command(
            "frontend/set_user_data",
            key="language",
            value={
                "language": language,
                "number_format": "language",
                "time_format": "language",
                "date_format": "language",
                "time_zone": "local",
                "first_weekday": "language",
            },
        )
    return Person(
        name=name,
        username=username,
        language=language,
        tokens={
            **tokens,
            "hassUrl": url,
            "clientId": client,
            "expires": int((time.time() + tokens["expires_in"]) * 1000),
        },
    )
