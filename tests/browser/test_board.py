"""The board, as those see it who look at it, each in a browser of their own."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
import re
import signal
from typing import Final, Literal

from playwright.async_api import Request, Route, expect
import pytest
import pytest_asyncio

from scripts.live_demo.messenger import Messenger
from scripts.live_demo.pbx import Pbx
from scripts.live_demo.qr_menu import QrMenu
from scripts.live_demo.site_files import COMPONENT
from tests.real_site import RealSite

from .boards import Board, alerts_of, close_all, put_into_area, put_up, wait_for_devices
from .conftest import Show
from .people import READER, USER, Person, add_person
from .screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TABLES = ("1", "2", "3", "4", "5", "6", "7", "8")
# Name, that of the documentation's picture, width, height, colours.
SCREENS: Final[
    tuple[tuple[str, str | None, int, int, Literal["light", "dark"]], ...]
] = (
    ("tablet", "board", 1280, 800, "light"),
    ("tablet-dark", None, 1280, 800, "dark"),
    ("wall", None, 3840, 2160, "dark"),
    ("phone", "board-phone", 390, 844, "dark"),
    ("narrow", None, 320, 640, "light"),
)
# What a table's call is in the translations.
CALLED: Final = "selector.alert_kind.options.waiter_call"
# Seconds in which a touch is to be seen on the other screens, on a busy machine too.
AT_ONCE = 2.0


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works here without administering Home Assistant."""

    waiter: Person
    kiosk: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(site: RealSite) -> Mapping[str, str]:
    """Return the ids of the entries of all services."""
    return {kind.source: await site.add(kind) for kind in (QrMenu, Pbx, Messenger)}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def restaurant(site: RealSite, services: Mapping[str, str]) -> RealSite:
    """Return a site with all services, known tables and the board."""
    for table in TABLES:
        await site.publish(f"/qr-menu/tables/{table}/dishes")
    await wait_for_devices(site, *(f"Table {table}" for table in TABLES))
    await put_into_area(site, "Hall", *(f"Table {table}" for table in TABLES[:6]))
    await put_into_area(site, "Terrace", "Table 7", "Table 8")
    await put_up(site, "the-board", "Restaurant")
    return site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def staff(site: RealSite) -> Staff:
    """Return those who are no administrators."""
    return Staff(
        waiter=await add_person(site, "Мария", "maria", group=USER, language="ru"),
        kiosk=await add_person(site, "Wall", "wall", group=READER, language="en"),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def quiet(restaurant: RealSite) -> AsyncGenerator[RealSite]:
    """Return the restaurant while nobody waits."""
    await close_all(restaurant)
    yield restaurant
    await restaurant.publish("/faults", {"qr_menu": None})


async def look(screen: Screen) -> Board:
    """Open the board, and wait until it knows the tables."""
    await screen.go("/the-board/board")
    board = Board(screen)
    await expect(board.tile("Table 1")).to_be_visible()
    return board


async def test_a_call_is_seen_by_all_counts_and_is_taken_by_one(
    quiet: RealSite, owner: Person, staff: Staff, show: Show
) -> None:
    there = await look(await show(quiet, person=owner))
    here = await look(await show(quiet, person=staff.waiter))
    await there.expect_level("Table 3", "quiet")

    await quiet.call_waiter("3")
    for board in (there, here):
        await board.expect_level("Table 3", "open")
    age = there.tile("Table 3").locator(".age")
    first = await age.inner_text()
    await expect(age).not_to_have_text(first)
    await quiet.call_waiter("3")
    await expect(here.tile("Table 3").locator(".count")).to_have_text("×2")

    await here.touch("Table 3")
    await there.expect_level("Table 3", "acknowledged", within=AT_ONCE)
    await here.expect_level("Table 3", "acknowledged", within=AT_ONCE)
    by = there.tile("Table 3").locator(".by")
    await expect(by).to_have_text(there.words["takenBy"].format(name="Мария"))
    by = here.tile("Table 3").locator(".by")
    await expect(by).to_have_text(here.words["takenBy"].format(name="Мария"))
    (alert,) = await alerts_of(quiet)
    assert (alert["state"], alert["by"]) == ("acknowledged", "Мария")


async def test_an_impatient_double_tap_takes_one_guest(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    board = await look(await show(quiet, person=staff.waiter))
    for table in ("1", "2"):
        await quiet.call_waiter(table)
        await board.expect_level(f"Table {table}", "open")

    await board.tile("Table 1").locator(".main").dblclick(delay=50)

    await board.expect_level("Table 1", "acknowledged")
    await expect(board.choices).not_to_be_visible()
    states = {alert["title"]: alert["state"] for alert in await alerts_of(quiet)}
    assert states == {"1": "acknowledged", "2": "open"}


async def test_what_moves_keeps_the_focus_and_the_text_of_whoever_types(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    board = await look(await show(quiet, person=staff.waiter))
    boris = {"chat": "79820000001", "name": "Борис", "text": "Есть столик?"}
    vera = {"chat": "79820000002", "name": "Вера", "text": "Вы открыты?"}
    for guest in (boris, vera):
        await quiet.publish("/green-api/messages", guest)
        await expect(board.row(guest["name"])).to_be_visible()
    rows = board.card.locator(".message .name")
    await expect(rows.first).to_have_text("Вера")
    field = board.row("Борис").locator("input")
    await field.press_sequentially("Ждём")
    await quiet.publish("/green-api/messages", {**boris, "text": "На двоих"})
    await expect(rows.first).to_have_text("Борис")

    await board.page.keyboard.type(" вас")

    await expect(field).to_have_value("Ждём вас")


async def test_whoever_took_a_call_by_mistake_gives_it_back_or_closes_it(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    board = await look(await show(quiet, person=staff.waiter))
    await quiet.call_waiter("2")
    await board.expect_level("Table 2", "open")

    await board.touch("Table 2")
    await board.expect_level("Table 2", "acknowledged")
    await board.choose("Table 2", "reopen")
    await board.expect_level("Table 2", "open")
    await board.choose("Table 2", "close")
    await board.expect_level("Table 2", "quiet")
    assert await alerts_of(quiet) == []


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_is_snoozed_is_silent_until_somebody_says_that_it_waits(
    quiet: RealSite, person: Person, show: Show
) -> None:
    screen = await show(quiet, person=person, width=390, height=844)
    board = await look(screen)
    await quiet.call_waiter("2")
    await board.expect_level("Table 2", "open")
    more = board.tile("Table 2").locator(".more")
    await more.click()
    await screen.shot("board-choices-open")
    await board.choices.locator(".snooze").click()
    await board.expect_level("Table 2", "snoozed")
    by = board.tile("Table 2").locator(".by")
    await expect(by).to_contain_text(board.words["snoozedUntil"].split("{")[0])
    waiting = board.card.locator(".waiting")
    await expect(waiting).to_have_text(board.words["snoozed"].format(n=1))
    await screen.shot("board-snoozed")
    await more.click()
    await expect(board.choices).to_contain_text(board.words["reopen"])
    await screen.shot("board-choices-snoozed")
    await board.choices.locator(".reopen").click()
    await board.expect_level("Table 2", "open")
    await board.touch("Table 2")
    await board.expect_level("Table 2", "acknowledged")
    await more.click()
    await screen.shot("board-choices-taken")
    await board.choices.locator(".close").click()
    await board.expect_level("Table 2", "quiet")
    assert await alerts_of(quiet) == []


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_how_fast_answers_were_is_never_said_alone(
    quiet: RealSite, person: Person, show: Show
) -> None:
    screen = await show(quiet, person=person)
    board = await look(screen)
    for table in ("1", "2"):
        await quiet.call_waiter(table)
        await board.expect_level(f"Table {table}", "open")
    await board.touch("Table 1")
    await board.expect_level("Table 1", "acknowledged")

    figures = board.card.locator(".figures")
    for key in ("answerTime", "longest"):
        await expect(figures).to_contain_text(board.words[key].split("{")[0])
    forgotten = board.words["forgotten"]["other"].replace("{n}", r"\d+")
    forgotten = forgotten.replace(" ", r"\s")
    await expect(figures).to_contain_text(re.compile(forgotten))
    await screen.shot("board-figures")


async def test_who_was_slower_reads_who_has_it(
    quiet: RealSite, owner: Person, staff: Staff, show: Show
) -> None:
    await quiet.call_waiter("4")
    screen = await show(quiet, person=staff.waiter)
    board = await look(screen)
    await board.expect_level("Table 4", "open")
    await board.tile("Table 4").locator(".more").click()
    (alert,) = await alerts_of(quiet)
    async with await quiet.stream() as stream:
        await stream.act(
            "carbis_alerts.acknowledge", alert_id=alert["alert_id"], by="Anna"
        )

    await board.choices.locator(".take").click()

    await expect(board.failure).to_contain_text("Anna")
    await screen.shot("board-slower")


async def test_a_tile_presses_more_the_longer_somebody_waits(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    await screen.page.clock.install()
    board = await look(screen)
    await quiet.call_waiter("5")

    shapes = set()
    # Of the two minutes until it is overdue.
    for seconds, level in ((0, "open"), (65, "soon"), (60, "overdue")):
        await screen.page.clock.fast_forward(seconds * 1000)
        await board.expect_level("Table 5", level)
        tile = board.tile("Table 5")
        paint = "tile => getComputedStyle(tile).background"
        icon = await tile.locator("ha-icon").first.get_attribute("icon")
        shapes.add((await tile.evaluate(paint), icon))
        await screen.shot(f"board-{level}")
    assert len({paint for paint, _ in shapes}) == 3
    assert len({icon for _, icon in shapes}) == 3


async def test_one_alert_repaints_one_tile(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    board = await look(await show(quiet, person=owner))
    before = await board.painted()

    await quiet.call_waiter("4")
    await board.expect_level("Table 4", "open")
    await board.touch("Table 4")
    await board.expect_level("Table 4", "acknowledged")

    after = await board.painted()
    changed = {
        key: after[key] - before[key] for key in after if after[key] != before[key]
    }
    assert list(changed.values()) == [2]


async def test_a_home_assistant_that_is_away_is_reported_and_followed_again(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    board = await look(screen)
    await quiet.call_waiter("6")
    await board.expect_level("Table 6", "open")

    await quiet.end(signal.SIGTERM)
    lost = board.words["lost"].split("{")[0]
    await expect(board.notes).to_contain_text(lost)
    await expect(board.tile("Table 6")).to_have_class("tile stale")
    await board.expect_level("Table 6", "open")
    await screen.shot("board-lost")
    await quiet.call_waiter("1")
    await quiet.start()

    await expect(board.notes).to_be_hidden(timeout=60_000)
    await board.expect_level("Table 1", "open")
    await board.expect_level("Table 6", "open")
    await expect(board.tile("Table 6")).to_have_class("tile")


async def test_an_updated_board_is_loaded_where_an_old_one_is_open(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    board = await look(screen)
    await board.card.evaluate("card => { card.isOld = true; }")

    await quiet.end(signal.SIGTERM)
    style = quiet.config / COMPONENT / "board" / "www" / "board.css"
    with style.open("a", encoding="utf-8") as file:
        file.write("\n.tile { --of-the-new-version: 1; }\n")
    await quiet.start()

    await expect(board.card).not_to_have_js_property("isOld", True, timeout=60_000)
    await expect(board.tile("Table 1")).to_have_css("--of-the-new-version", "1")


async def test_a_service_that_is_away_is_reported_and_its_tiles_fade(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    screen = await show(quiet, person=staff.waiter)
    board = await look(screen)
    await quiet.call_waiter("3")
    await board.expect_level("Table 3", "open")

    await quiet.publish("/faults", {"qr_menu": {"refuse": True}})
    away = board.words["away"].format(title="QR menu 127.0.0.1", time="{").split("{")[0]
    # It has to last for a while.
    await expect(board.notes).to_contain_text(away, timeout=40_000)
    await expect(board.tile("Table 3")).to_have_class("tile stale")
    await board.expect_level("Table 3", "open")
    await screen.shot("board-away")

    await quiet.publish("/faults", {"qr_menu": None})
    await expect(board.notes).to_be_hidden(timeout=40_000)
    await expect(board.tile("Table 3")).to_have_class("tile")


async def test_who_may_only_look_is_reported_so(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    screen = await show(quiet, person=staff.kiosk)
    board = await look(screen)
    await expect(board.notes).to_have_text(board.words["noRight"])
    await quiet.call_waiter("2")
    await board.expect_level("Table 2", "open")

    await board.touch("Table 2")

    await expect(board.failure).to_have_text(board.words["noRight"])
    await screen.shot("board-no-right")
    (alert,) = await alerts_of(quiet)
    assert alert["state"] == "open"


async def test_the_keyboard_takes_a_call_and_gives_it_back(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    board = await look(screen)
    await quiet.call_waiter("1")
    await board.expect_level("Table 1", "open")
    label = ", ".join(
        ["Table 1", screen.words.own(CALLED), board.words["levels"]["open"]]
    )
    button = screen.page.get_by_role("button", name=label)

    await button.press("Enter")
    await board.expect_level("Table 1", "acknowledged")
    await screen.page.keyboard.press("Tab")
    await screen.page.keyboard.press("Enter")
    await expect(board.choices).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(board.choices).to_be_hidden()
    await board.tile("Table 1").locator(".more").press("Enter")
    await board.choices.locator(".reopen").press("Enter")
    await board.expect_level("Table 1", "open")


async def test_a_board_that_is_there_before_home_assistants_app_is_shown(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    is_there = asyncio.Event()

    def watch(request: Request) -> None:
        if request.url.endswith("/rows.js"):
            is_there.set()

    async def hold(route: Route) -> None:
        await is_there.wait()
        await route.continue_()

    screen.page.on("requestfinished", watch)
    await screen.page.route(re.compile(r"/frontend_latest/app\.\w+\.js$"), hold)

    await look(screen)

    assert is_there.is_set()


async def test_boards_side_by_side_say_what_waits_in_the_language_of_their_viewer(
    quiet: RealSite, staff: Staff, show: Show
) -> None:
    await quiet.call_waiter("1")
    card = {"type": "custom:carbis-alerts-board"}
    path = await put_up(
        quiet, "two-boards", "Two", type="horizontal-stack", cards=[card, card]
    )
    screen = await show(quiet, person=staff.waiter)

    await screen.go(path)

    tiles = Board(screen).tile("Table 1").locator(".main")
    await expect(tiles).to_have_count(2)
    for tile in await tiles.all():
        label = re.compile(f"^Table 1, {re.escape(screen.words.own(CALLED))}, ")
        await expect(tile).to_have_attribute("aria-label", label)


async def test_who_is_on_the_phone_and_who_wrote_stand_beside_the_tables(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    screen = await show(quiet, person=owner)
    board = await look(screen)

    call = await quiet.publish("/pbx/calls", {"from": "+79821234567", "to": "107"})
    row = board.row("+7 982 123-45-67")
    await expect(row).to_contain_text(board.words["states"]["ringing"])
    path = f"/pbx/calls/{call['payload']['call_id']}"
    await quiet.publish(f"{path}/answer")
    await expect(row).to_contain_text(board.words["states"]["talking"])
    await quiet.publish(f"{path}/hang-up")
    await expect(row).to_have_count(0)

    message = {"chat": "79821234568", "name": "Анна", "text": "Столик на двоих?"}
    await quiet.publish("/green-api/messages", message)
    row = board.row("Анна")
    await expect(row).to_contain_text("Столик на двоих?")
    await row.locator("input").fill("Ждём вас!")
    await row.locator("input").press("Enter")
    await expect(row).to_contain_text(board.words["you"].format(text="Ждём вас!"))
    await expect(row.locator("input")).to_have_value("")


async def test_halls_are_the_areas(quiet: RealSite, owner: Person, show: Show) -> None:
    board = await look(await show(quiet, person=owner))

    terrace = board.card.locator("section").filter(has_text="Terrace")
    await expect(terrace.locator(".tile")).to_have_count(2)
    await expect(terrace).to_contain_text("Table 7")
    await put_into_area(quiet, "Cellar", "Table 8")
    await expect(terrace.locator(".tile")).to_have_count(1)
    cellar = board.card.locator("section").filter(has_text="Cellar")
    await expect(cellar).to_contain_text("Table 8")
    await put_into_area(quiet, "Terrace", "Table 8")
    await expect(terrace.locator(".tile")).to_have_count(2)


@pytest.mark.parametrize(
    ("table", "name", "shown"),
    [
        (101, "Очень длинное имя " * 278, "Очень длинное имя"),
        (102, "W" * 5_000, "WWWWWWWW"),
        (103, "שולחן ליד החלון \u202e 12", "שולחן ליד החלון"),
        (
            104,
            "<img src=x onerror=\"document.title='broken'\"><b>bold</b>",
            "<img src=x onerror=\"document.title='broken'\"><b>bold</b>",
        ),
    ],
    ids=["long", "one_word", "right_to_left", "markup"],
)
async def test_whatever_a_name_holds_it_is_text_and_stays_where_it_is(
    quiet: RealSite, owner: Person, show: Show, table: int, name: str, shown: str
) -> None:
    screen = await show(quiet, person=owner, width=360, height=740)
    board = await look(screen)
    event = {
        "code": "waiter_call",
        "table": table,
        "table_repr": {"id": table, "name": name, "max_guests": 4},
        "invoice": None,
        "order": None,
    }

    await quiet.publish("/qr-menu/events", event)

    tile = board.tiles.filter(has_text=shown)
    await expect(tile).to_have_attribute("data-level", "open")
    assert "\u202e" not in await tile.inner_text()
    assert await tile.locator("img, b").count() == 0
    assert await screen.page.title() != "broken"
    assert not await board.is_too_wide()
    await screen.shot(f"board-name-{table}")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_the_board_fits_every_screen(
    quiet: RealSite, services: Mapping[str, str], person: Person, show: Show
) -> None:
    await quiet.assistant.set_options(services["qr_menu"], {"overdue_after": 10})
    screen = await show(quiet, person=person)
    board = await look(screen)
    await quiet.call_waiter("6")
    await board.expect_level("Table 6", "overdue")
    async with board.passing_through("Table 2", "soon"):
        await quiet.call_waiter("2")
    for table in ("3", "7"):
        async with board.passing_through(f"Table {table}", "open"):
            await quiet.call_waiter(table)
    await board.touch("Table 3")
    call = await quiet.publish("/pbx/calls", {"from": "+79821234567", "to": "107"})
    message = {"chat": "79821234568", "name": "Анна", "text": "Столик на двоих?"}
    await quiet.publish("/green-api/messages", message)
    await expect(board.row("+7 982 123-45-67")).to_be_visible()
    await expect(board.row("Анна")).to_be_visible()
    await board.expect_level("Table 3", "acknowledged")

    for name, screenshot, width, height, colours in SCREENS:
        await screen.page.set_viewport_size({"width": width, "height": height})
        await screen.page.emulate_media(color_scheme=colours)
        await expect(board.tile("Table 6")).to_be_visible()
        assert not await board.is_too_wide()
        for tile in await board.tiles.all():
            box = await tile.bounding_box()
            assert box is not None
            # What a finger hits.
            assert min(box["width"], box["height"]) >= 44
        await screen.shot(f"board-{name}", in_docs=screenshot)
    await quiet.publish(f"/pbx/calls/{call['payload']['call_id']}/hang-up")
    await quiet.assistant.set_options(services["qr_menu"], {"overdue_after": 120})


async def test_a_restaurant_without_tables_is_reported_how_they_come(
    quiet: RealSite, owner: Person, show: Show
) -> None:
    other = await quiet.start_simulator()
    entry_id = await quiet.add(QrMenu, simulator=other)
    path = await put_up(quiet, "no-tables", "New", entries=[entry_id])
    screen = await show(quiet, person=owner)

    await screen.go(path)

    board = Board(screen)
    await expect(board.card).to_contain_text(board.words["noTables"])
    await expect(board.tiles).to_have_count(0)
    await screen.shot("board-no-tables")
    await quiet.publish("/qr-menu/tables/1/call", simulator=other)
    await expect(board.tiles).to_have_count(1)


async def test_a_dashboard_of_the_board_is_added_in_one_step(
    quiet: RealSite, person: Person, show: Show
) -> None:
    screen = await show(quiet, person=person)
    page, words = screen.page, screen.words
    dashboards = "panel.config.lovelace.dashboards"

    await screen.go("/config/lovelace/dashboards")
    await screen.button(f"{dashboards}.picker.add_dashboard").click()
    offered = page.locator("ha-dialog-new-dashboard")
    await offered.get_by_role("button", name="Carbis Alerts").click()
    details = page.locator("dialog-lovelace-dashboard-detail")
    title = words.frontend_label(f"{dashboards}.detail.title")
    await details.get_by_role("textbox", name=title).fill("Evening shift")
    create = words.frontend(f"{dashboards}.detail.create")
    await details.get_by_role("button", name=create, exact=True).click()
    await page.get_by_role("link", name="Evening shift").click()

    # The site of these tests has several services, and some a table of this name.
    await expect(Board(screen).tile("Table 1").first).to_be_visible()


async def test_the_editor_of_dashboards_changes_the_card(
    quiet: RealSite, person: Person, show: Show
) -> None:
    path = await put_up(quiet, "to-edit", "To edit")
    screen = await show(quiet, person=person)
    await screen.go(f"{path}?edit=1")
    board = Board(screen)
    options = screen.page.locator("hui-card-options, hui-card-edit-mode")
    edit = screen.words.frontend("panel.lovelace.editor.edit_card.edit")
    await options.get_by_role("button", name=edit, exact=True).click()
    editor = screen.page.locator("hui-dialog-edit-card")
    await expect(editor).to_contain_text(board.words["form"]["order"])

    await editor.get_by_role("textbox").first.fill("The hall")
    await expect(editor.locator("carbis-alerts-board h1")).to_have_text("The hall")
    await screen.shot("board-editor")
    save = screen.words.frontend("common.save")
    await editor.get_by_role("button", name=save, exact=True).click()
    await expect(editor.locator("carbis-alerts-board")).to_have_count(0)

    await screen.go(path)
    await expect(board.card.locator("h1")).to_have_text("The hall")
