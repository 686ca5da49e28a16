"""A browser, sites, and windows in people's hands."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
import os
from pathlib import Path
import shutil
from typing import Any

from playwright.async_api import Browser, async_playwright, expect
import pytest
import pytest_asyncio
import pytest_socket

from tests.real_site import OWNER, RealSite

from .people import ADMIN, Person, add_person, sign_in
from .screen import ARGS, PATIENCE, Screen, open_screen
from .sites import open_site
from .words import folder_of

FAILED = pytest.StashKey[bool]()

type Show = Callable[..., Awaitable[Screen]]


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup() -> None:
    """Open the sockets: they are closed before each test, and opened after its site."""
    pytest_socket.enable_socket()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether their test has failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def verify_cleanup() -> None:
    """Let browser and site outlive a test; their own fixtures end them."""


@pytest.fixture
def _quick() -> None:
    """Leave the times as they are: Home Assistant is another process."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Return a Chromium."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=ARGS,
            chromium_sandbox=os.getuid() != 0,
        )
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the screenshots."""
    if folder := os.environ.get("CARBIS_SCREENSHOTS"):
        return folder_of(folder)
    return tmp_path_factory.mktemp("screenshots")


@pytest_asyncio.fixture(loop_scope="session")
async def new_site(tmp_path: Path, language: str) -> AsyncGenerator[RealSite]:
    """Return a site that runs, and that nobody has entered yet."""
    async with open_site(tmp_path, language) as site:
        (site.config / ".storage" / "onboarding").unlink()
        await site.start()
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[RealSite]:
    """Return a site that runs, with its owner and without services."""
    async with open_site(tmp_path_factory.mktemp("site"), "en") as site:
        await site.start()
        await site.welcome()
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(site: RealSite) -> Person:
    """Return the owner, who reads English."""
    return await sign_in(site, "Demo", OWNER, "en")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def manager(site: RealSite) -> Person:
    """Return an administrator who reads Russian."""
    return await add_person(site, "Ольга", "olga", group=ADMIN, language="ru")


@pytest.fixture
def language() -> str:
    """Return the language of a test that is not for each of them."""
    return "en"


@pytest.fixture
def person(language: str, owner: Person, manager: Person) -> Person:
    """Return the administrator who reads the test's language."""
    return {"en": owner, "ru": manager}[language]


@pytest_asyncio.fixture(loop_scope="session")
async def show(
    request: pytest.FixtureRequest, browser: Browser, screenshots: Path
) -> AsyncGenerator[Show]:
    """Return a function that opens windows; in no console may there be a word of ours."""
    async with AsyncExitStack() as stack:
        opened: list[Screen] = []

        async def open_one(site: RealSite, **how: Any) -> Screen:
            screen = await stack.enter_async_context(
                open_screen(browser, site.assistant.url, screenshots, **how)
            )
            opened.append(screen)
            return screen

        yield open_one
        if request.node.stash.get(FAILED, False):
            for number, screen in enumerate(opened, 1):
                await screen.shot(f"failed-{request.node.name}-{number}")
        if others := {text for screen in opened for text in screen.console.others}:
            request.node.add_report_section(
                "call", "said by others in the console", "\n".join(sorted(others))
            )
        assert [text for screen in opened for text in screen.console.ours] == []
