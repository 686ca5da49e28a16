"""An answer of ours that the messenger could not deliver: the guest waits, and it is said."""

from typing import Any, Final

from homeassistant.components.recorder.core import Recorder as Database
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from simulator.green_api import GreenApiService

from .alerts import act, get_alerts, items, site_clock
from .automations import automate, ours
from .conftest import Recorder
from .helpers import state_of, wait_until
from .services.conftest import MakeWhatsApp, green_api, make_whatsapp
from .test_logbook import lines, rows

__all__ = ["green_api", "make_whatsapp"]

HUB: Final = "whatsapp_4567"
ANSWER_TIME: Final = f"sensor.{HUB}_answer_time"
WAITING_SINCE: Final = f"sensor.{HUB}_waiting_since"
GUEST: Final = "79821234567@c.us"


@pytest.fixture(autouse=True)
def _site(
    recorder_mock: Database, enable_custom_integrations: None, socket_enabled: None
) -> None:
    """Let Home Assistant find the component, with a database from its beginning."""


class Chat:
    """A guest's chat, and an account that answers in it."""

    def __init__(
        self,
        hass: HomeAssistant,
        service: GreenApiService,
        entry: MockConfigEntry,
        alerts: Recorder,
    ) -> None:
        """Take the account's gateway and entry."""
        self._hass = hass
        self._service = service
        self._entry = entry
        self._alerts = alerts

    async def start(self) -> None:
        """Start, or start again, and wait until the queue was empty."""
        entries = self._hass.config_entries
        is_loaded = self._entry.state is ConfigEntryState.LOADED
        start = entries.async_reload if is_loaded else entries.async_setup
        assert await start(self._entry.entry_id)
        await wait_until(lambda: not self._entry.runtime_data.source._late)

    async def became(self, by: Any, count: int = 1) -> dict[str, Any]:
        """Return what became of an alert last, of so many things by a doing."""
        before = len(self._alerts.events)
        result = by()
        if hasattr(result, "__await__"):
            await result
        data = (await self._alerts.wait(before + count))[-1]
        await self._hass.async_block_till_done()
        return data

    async def writes(self) -> dict[str, Any]:
        """Let the guest write."""
        return await self.became(lambda: self._service.message(GUEST, "Есть столик?"))

    async def is_answered(self) -> tuple[dict[str, Any], str]:
        """Answer from here; return what became of the alert, and the message's id."""
        self._service.statuses = ("sent",)
        sent: dict[str, Any] = {}

        async def send() -> None:
            sent.update(
                await act(
                    self._hass,
                    "send_message",
                    entry_id=self._entry.entry_id,
                    chat_id=GUEST,
                    message="Да",
                )
            )

        return await self.became(send), sent["message_id"]

    def fails(self, message_id: str, status: str) -> None:
        """Have a message of ours never arrive."""
        writer = self._service.writer
        self._service.push(writer.status(GUEST, message_id, status, api=True))


@pytest.fixture
def chat(
    hass: HomeAssistant,
    green_api: GreenApiService,
    make_whatsapp: MakeWhatsApp,
    alerts: Recorder,
) -> Chat:
    """Return the chat of an entry that is not set up yet."""
    entry = make_whatsapp(green_api, chats={"Анна": GUEST})
    return Chat(hass, green_api, entry, alerts)


@pytest.mark.parametrize("status", ["failed", "noAccount"])
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("by", [None, "Boris"])
async def test_it_waits_again_with_its_age_and_the_answer_was_none(
    hass: HomeAssistant,
    chat: Chat,
    alerts: Recorder,
    status: str,
    restarts: bool,
    by: str | None,
) -> None:
    await hass.config.async_set_time_zone("UTC")
    runs = await automate(
        hass, {name: ours(name) for name in ("alert_opened", "alert_closed")}
    )
    with site_clock("19:00") as clock:
        await chat.start()
        opened = await chat.writes()
        clock.pass_by(seconds=30)
        if by:
            await act(hass, "acknowledge", alert_id=opened["alert_id"], by=by)
        clock.pass_by(seconds=10.04)
        closed, message_id = await chat.is_answered()
        assert (closed["reason"], closed["outcome"]) == (
            "answered",
            "served" if by else "resolved",
        )
        assert float(state_of(hass, ANSWER_TIME)) == (30 if by else 40.04)
        if restarts:
            await chat.start()
        clock.pass_by(seconds=20)
        back = await chat.became(lambda: chat.fails(message_id, status))
        assert (back["action"], back["reason"], back["late"]) == (
            "reopened",
            "not_delivered",
            False,
        )
        for field in ("alert_id", "opened_at", "title", "count", "key"):
            assert back[field] == opened[field]
        assert back["text"] == f"Our answer was not delivered · {opened['text']}"
        assert (back["state"], back["outcome"], back["closed_at"], back["by"]) == (
            "open",
            None,
            None,
            by,
        )
        assert back["age"] == 60
        assert state_of(hass, ANSWER_TIME) == "unknown"
        assert state_of(hass, WAITING_SINCE) == "2026-03-05T19:00:00+00:00"
        assert await get_alerts(hass, state="closed") == []
        (item,) = await items(hass, f"todo.{HUB}_alerts")
        assert (item["summary"], item["status"]) == ("Анна", "needs_action")
        # A second word on the same message says nothing new.
        other = {"failed": "noAccount", "noAccount": "failed"}[status]
        chat.fails(message_id, other)
        await clock.wait(hass, seconds=60)
        assert [data["action"] for data in alerts.data[-2:]] == ["reopened", "overdue"]
        answered, _ = await chat.is_answered()
        assert answered["age"] == 120.0
        assert float(state_of(hass, ANSWER_TIME)) == pytest.approx(120, abs=0.1)
        await runs.all_done()
        assert runs.counts == {"alert_opened": 2, "alert_closed": 2}


async def test_whoever_wrote_again_meanwhile_waits_since_the_first_time(
    hass: HomeAssistant, chat: Chat, alerts: Recorder
) -> None:
    with site_clock("19:00") as clock:
        await chat.start()
        opened = await chat.writes()
        clock.pass_by(seconds=40)
        _, message_id = await chat.is_answered()
        clock.pass_by(seconds=10)
        again = await chat.writes()
        await act(hass, "acknowledge", alert_id=again["alert_id"], by="Boris")
        back = await chat.became(lambda: chat.fails(message_id, "failed"))
        assert (back["alert_id"], back["opened_at"], back["count"]) == (
            again["alert_id"],
            opened["opened_at"],
            2,
        )
        assert (back["state"], back["by"]) == ("open", "Boris")
        assert state_of(hass, ANSWER_TIME) == "unknown"
        assert len(await get_alerts(hass)) == 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Анна: waits again, the answer did not arrive"),
        ("ru", "Анна: снова ждёт, ответ не дошёл"),
    ],
)
async def test_the_logbook_says_so(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    chat: Chat,
    language: str,
    sentence: str,
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "logbook", {})
    await chat.start()
    await chat.writes()
    _, message_id = await chat.is_answered()
    await chat.became(lambda: chat.fails(message_id, "failed"))
    assert lines(await rows(hass, await hass_ws_client()))[-1] == sentence
