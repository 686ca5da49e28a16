"""The services of the demo, against the simulator."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any, override

import aiohttp
import pytest

from scripts.live_demo.errors import DemoError
from scripts.live_demo.messenger import ANSWER, Messenger
from scripts.live_demo.pbx import GUEST_NUMBER, Pbx
from scripts.live_demo.phone import COMING, Phone
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.service import Alert, Service
from scripts.live_demo.site import SERVICES
from scripts.live_demo.stream import Stream
from scripts.live_demo.team import MEMBERS, Team
from scripts.live_demo.words import WORDS
from simulator.control import Control
from simulator.green_api import GreenApiService
from simulator.green_api_messengers import MODELS
from simulator.green_api_panel import GreenApiPanel
from simulator.pbx import PbxService
from simulator.pbx_panel import PbxPanel
from simulator.qr_menu import QrMenuService
from simulator.qr_menu_panel import QrMenuPanel

WORDS_EN = WORDS["en"]
STARTED = {
    "qr_menu_url": "https://127.0.0.1:1",
    "qr_menu_token": "menu",
    "qr_menu_fingerprint": "ab01",
    "pbx_url": "http://127.0.0.1:2",
    "pbx_token": "phone",
    "green_api_url": "http://127.0.0.1:3",
    "green_api_messenger": "max",
    "green_api_instance_id": "1101",
    "green_api_token": "chat",
}


class Town:
    """The simulated services, and the demo's view of them."""

    def __init__(self, messenger: str = "max") -> None:
        """Prepare."""
        self.menu = QrMenuService(token="menu")
        self.pbx = PbxService()
        self.green = GreenApiService(messenger=messenger)
        self.control = Control(
            [QrMenuPanel(self.menu), PbxPanel(self.pbx), GreenApiPanel(self.green)]
        )


@pytest.fixture
async def town(request: pytest.FixtureRequest) -> AsyncGenerator[Town]:
    """Return the simulator while it runs, with MAX unless a test says otherwise."""
    town = Town(getattr(request, "param", "max"))
    async with AsyncExitStack() as stack:
        for server in (town.menu, town.pbx, town.green, town.control):
            await stack.enter_async_context(server)
        yield town


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session."""
    async with aiohttp.ClientSession() as session:
        yield session


class Staff(Stream):
    """A site in which the answer is sent from the dashboard."""

    def __init__(self, town: Town, *, deaf: bool = False) -> None:
        """Answer through the simulated account, unless nothing happens."""
        self._town = town
        self._deaf = deaf
        self._text = ""
        self.reloaded: list[object] = []

    @override
    async def act(self, action: str, **data: object) -> None:
        """Do what the site's scripts would do."""
        if action == "input_text.set_value":
            assert data["entity_id"] == ANSWER
            self._text = str(data["value"])
            return
        if action == "homeassistant.reload_config_entry":
            self.reloaded.append(data["entry_id"])
            return
        assert (action, data) == ("script.send_answer", {})
        if self._deaf:
            return
        green = self._town.green
        url = f"{green.url}/waInstance{green.instance_id}/sendMessage/{green.token}"
        async with aiohttp.ClientSession() as session:
            body = {"chatId": green.chat_id(GUEST_NUMBER), "message": self._text}
            await session.post(url, json=body)


def service[T: Service](kind: type[T], session: aiohttp.ClientSession, town: Town) -> T:
    started = {
        **STARTED,
        "control_url": town.control.url,
        "green_api_messenger": town.green.messenger.name,
    }
    return kind(session, started, WORDS_EN)


async def test_what_a_person_enters(session: aiohttp.ClientSession, town: Town) -> None:
    menu, pbx, messenger = (service(kind, session, town) for kind in SERVICES)
    assert [one.answer("user", {}) for one in (menu, pbx, messenger)] == [
        {"next_step_id": "qr_menu"},
        {"next_step_id": "pbx"},
        {"next_step_id": "green_api"},
    ]
    assert menu.answer("qr_menu", {}) == {"url": "https://127.0.0.1:1", "token": "menu"}
    assert menu.answer("certificate", {"fingerprint": "AB:01"}) == {"trust": True}
    assert menu.answer("certificate", {"fingerprint": "AB:02"}) == {"trust": False}
    assert pbx.answer("pbx", {}) == {
        "url": "http://127.0.0.1:2",
        "transport": "sse",
        "token": "phone",
    }
    assert messenger.answer("green_api", {}) == {
        "url": "http://127.0.0.1:3",
        "instance_id": "1101",
        "token": "chat",
    }
    assert messenger.answer("mend", {"changes": "…"}) == {"confirm": True}
    for one in (menu, pbx, messenger):
        with pytest.raises(DemoError, match="does not know: surprise"):
            one.answer("surprise", {})


async def test_what_is_added(session: aiohttp.ClientSession, town: Town) -> None:
    kinds = [service(kind, session, town).subentry for kind in SERVICES]
    assert [kind and kind.kind for kind in kinds] == [None, "contact", "chat"]


async def test_an_instance_keeps_messages_back_at_first(
    session: aiohttp.ClientSession, town: Town
) -> None:
    await service(Messenger, session, town).prepare()
    assert town.green.settings["incomingWebhook"] == "no"


async def test_something_to_see(session: aiohttp.ClientSession, town: Town) -> None:
    for kind in SERVICES:
        await service(kind, session, town).open()
    assert len(town.menu.queue) == 3
    kinds = [message["event_type"] for _, message in town.pbx.messages]
    assert kinds == ["incoming_call", "call_end"]
    assert [line.text for line in town.green.lines] == [WORDS_EN["first_message"]]


class Waiters(Stream):
    """A site in which a call waits until a phone answers it, and a bill request too."""

    def __init__(self, *, ticked: bool = True, wait: str = "3.04") -> None:
        """Have it be ticked off then, and the answer time be what it is."""
        self.acknowledged: list[int] = []
        self.closed: list[object] = []
        self._ticked = ticked
        self._wait = wait

    @override
    async def ask(self, action: str, **data: object) -> Any:
        """Return the call, in words or as an item."""
        if action == "carbis_alerts.get_alerts":
            if data["kind"] == "bill_request":
                return {"alerts": [{"alert_id": "01B", "state": "open"}]}
            state = "acknowledged" if self.acknowledged else "open"
            return {"alerts": [{"alert_id": "01A", "state": state}]}
        assert (action, data["entity_id"]) == ("todo.get_items", ["todo.menu"])
        item = {
            "uid": "01A",
            "summary": "Table 6",
            "description": "Maria",
            "status": "completed" if self._ticked else "needs_action",
        }
        return {"todo.menu": {"items": [item]}}

    @override
    async def act(self, action: str, **data: object) -> None:
        """Say that the bill is brought."""
        assert action == "carbis_alerts.close"
        self.closed.append(data["alert_id"])

    @override
    async def state(self, entity_id: str) -> str | None:
        """Return how long guests waited, how many for nothing, and who waits."""
        return {
            "sensor.wait": self._wait,
            "sensor.forgotten": "0",
            "sensor.waiting": "unknown",
        }[entity_id]


class WaitersPhone(Phone):
    """A phone whose answer acknowledges."""

    def __init__(self, waiters: Waiters, name: str, received: int) -> None:
        """Be one of these waiters'."""
        self._waiters = waiters
        self.name = name
        self.received = received

    @override
    async def tap(self, answer: int) -> None:
        """Take the answer."""
        self._waiters.acknowledged.append(answer)


class Colleagues(Team):
    """A team whose waiter of table 6 is asked, and perhaps others."""

    def __init__(self, waiters: Waiters, *asked: str) -> None:
        """Send each of those who are asked one notification."""
        self.phones = {
            one.key: WaitersPhone(waiters, one.key, int(one.key in asked))
            for one in MEMBERS
        }
        self.notifications = {one.key: f"sensor.{one.key}" for one in MEMBERS}
        self.sorted: list[str] = []

    @override
    async def figures(self, stream: Stream) -> list[tuple[str, str | None]]:
        """Return what the waiter of table 6 did."""
        return [("sensor.gulnara_answered_today", "1")]

    @override
    async def sort(self, stream: Stream, menu_entry: str) -> None:
        """Note that tables got their areas."""
        self.sorted.append(menu_entry)


def menu(
    session: aiohttp.ClientSession, town: Town, waiters: Waiters, *others: str
) -> QrMenu:
    one = service(QrMenu, session, town)
    one.team = Colleagues(waiters, "gulnara", *others)
    one.entry_id = "01MENU"
    one.entities = {
        "alerts": "todo.menu",
        "answer_time": "sensor.wait",
        "forgotten_today": "sensor.forgotten",
        "payments_today": "sensor.paid",
        "waiting_since": "sensor.waiting",
    }
    return one


async def test_waiter_call_payments_and_a_bill(
    session: aiohttp.ClientSession, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    waiters = Waiters()
    one = menu(session, town, waiters)
    order, *alerts = await made(one, waiters)
    ordered, call, part, rest, bill = (event["hash"] for event in town.menu.queue)
    assert order.event
    assert (order.event["event_id"], order.event["waiter"]) == (ordered, "Гульнара")
    assert isinstance(one.team, Colleagues)
    assert one.team.sorted == ["01MENU"]
    assert [alert.event and alert.event["event_id"] for alert in alerts] == [
        *(call, None, None),
        *(part, rest),
        *(bill, None),
    ]
    actions = [one["action"] for alert in alerts for one in alert.transitions]
    assert actions == [
        *("opened", "overdue", "acknowledged", "closed"),
        *("opened", "closed"),
    ]
    assert waiters.acknowledged == [COMING]
    assert waiters.closed == ["01B"]
    text = "Table 6 is calling the waiter."
    outcomes = [(one.outcome, one.entity, one.states) for one in alerts[0].changes]
    assert outcomes == [
        ("light", "light.hall_lamp", ("on",)),
        ("light", "light.table_6_lamp", ("on",)),
        ("push", "sensor.gulnara", ("Calls a waiter",)),
        ("announcement", "media_player.speaker", ("playing",)),
        ("announcement", "input_text.spoken", (text,)),
    ]
    assert [(one.entity, one.states) for one in alerts[3].changes] == [
        ("sensor.paid", ("100.0",))
    ]
    assert not town.menu.restaurant.orders
    published = capsys.readouterr().out
    assert "anna: nothing" in published
    assert "dmitry: nothing" in published
    assert "sensor.gulnara_answered_today: 1" in published
    assert "todo.menu: ☑ Table 6, Maria" in published
    # How fast the answer was is never said alone.
    for said in ("wait: 3.0 s", "forgotten: 0", "waiting: unknown"):
        assert f"sensor.{said}" in published


@pytest.mark.parametrize(
    ("waiters", "reason"),
    [
        (Waiters(ticked=False), "item is not ticked: .*needs_action"),
        (Waiters(wait="unknown"), "answer time is unknown"),
    ],
)
async def test_an_acknowledgement_that_leads_to_nothing(
    session: aiohttp.ClientSession, town: Town, waiters: Waiters, reason: str
) -> None:
    with pytest.raises(DemoError, match=reason):
        await made(menu(session, town, waiters), waiters)


async def test_a_call_that_somebody_else_is_asked_about_too(
    session: aiohttp.ClientSession, town: Town
) -> None:
    waiters = Waiters()
    with pytest.raises(DemoError, match="anna was sent 1 notifications"):
        await made(menu(session, town, waiters, "anna"), waiters)


async def test_a_call_that_somebody_has_already(
    session: aiohttp.ClientSession, town: Town
) -> None:
    waiters = Waiters()
    waiters.acknowledged.append(COMING)
    with pytest.raises(DemoError, match="Not one waiter_call is open"):
        await made(menu(session, town, waiters), waiters)


async def test_call(session: aiohttp.ClientSession, town: Town) -> None:
    alerts = await made(service(Pbx, session, town), Staff(town))
    kinds = [message["event_type"] for _, message in town.pbx.messages]
    events = [alert.event or {} for alert in alerts]
    assert kinds == [event["type"] for event in events]
    assert {event["call_id"] for event in events} == {"1"}
    assert not town.pbx.calls.active


@pytest.mark.parametrize("town", MODELS, indirect=True)
async def test_message_answer_and_what_the_queue_lost(
    session: aiohttp.ClientSession, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    one, staff = service(Messenger, session, town), Staff(town)
    one.entry_id = "01ENTRY"
    assert one.name == town.green.messenger.title
    alerts = await made(one, staff)
    assert [(alert.event or {}).get("type") for alert in alerts] == [
        "message",
        "message_sent",
        "message",
    ]
    actions = [one["action"] for alert in alerts for one in alert.transitions]
    assert actions == ["opened", "closed", "opened"]
    assert [(alert.event or {}).get("late") for alert in alerts] == [None, None, True]
    texts = [WORDS_EN[name] for name in ("message", "answer", "lost_message")]
    assert [line.text for line in town.green.lines] == texts
    assert WORDS_EN["answer"] in capsys.readouterr().out
    # The last one never came into the queue; a start brings it.
    queued = [document["body"].get("messageData") for document in town.green.queue]
    assert not any(WORDS_EN["lost_message"] in str(data) for data in queued)
    assert staff.reloaded == ["01ENTRY"]


async def test_an_answer_that_does_not_arrive(
    session: aiohttp.ClientSession, town: Town
) -> None:
    with pytest.raises(DemoError, match="has not got one answer"):
        await made(service(Messenger, session, town), Staff(town, deaf=True))


async def test_a_refusal_of_the_simulator(
    session: aiohttp.ClientSession, town: Town
) -> None:
    town.control = Control([])
    async with town.control:
        with pytest.raises(DemoError, match="refuses /pbx/calls"):
            await service(Pbx, session, town).open()


async def made(one: Service, stream: Stream) -> list[Alert]:
    return [alert async for alert in one.alerts(stream)]
