"""What the demo asks of each of its services: a set-up, and alerts."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import aiohttp

from .errors import DemoError
from .stream import Stream

TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Change:
    """States that an entity of the site goes through because of an alert."""

    entity: str
    states: tuple[str, ...]
    # It may have been so already when the alert came, as with a lamp that blinks.
    may_be_so: bool = False
    # What it is to people: a light, an announcement, a push.
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that was made to happen: how to know its bus event, and what follows.

    Without a bus event it is no service's doing, but a person's or that of time.
    """

    text: str
    event: Mapping[str, Any] | None = None
    # How to know what becomes of what waits for somebody, one after another.
    transitions: tuple[Mapping[str, Any], ...] = ()
    # How to know what the team does about it, one after another.
    dispatch: tuple[Mapping[str, Any], ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Subentry:
    """What is added to an entry after its set-up."""

    kind: str
    data: Mapping[str, Any]


class Service(ABC):
    """One of the simulator's services, by what the simulator printed at its start."""

    # The integration's own name of the service, and that for people.
    source: ClassVar[str]
    name: str
    # What its set-up consists of.
    steps: ClassVar[str]

    def __init__(
        self,
        session: aiohttp.ClientSession,
        simulator: Mapping[str, Any],
        words: Mapping[str, str],
    ) -> None:
        """Reach the service through the simulator's control page."""
        self._session = session
        self._simulator = simulator
        self._words = words
        self.entry_id = ""
        self.entities: Mapping[str, str] = {}
        """The entities of its hub by their key, once it is set up."""

    @property
    def subentry(self) -> Subentry | None:
        """Return what is added to the entry; None is nothing."""
        return None

    async def prepare(self) -> None:  # noqa: B027 - most are ready
        """Bring the service into the state in which a person finds it."""

    @abstractmethod
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a person would enter in a step of the set-up, given what it shows."""

    @abstractmethod
    async def open(self) -> None:
        """Let something happen, so that there is something to see."""

    @abstractmethod
    def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Make alerts one by one, each when the one before has led to what it must."""

    async def _post(self, path: str, content: object = None) -> dict[str, Any]:
        return await self._ask("POST", path, content)

    async def _state(self) -> dict[str, Any]:
        """Return what the simulator knows of the service."""
        state: dict[str, Any] = (await self._ask("GET", "/state"))[self.source]
        return state

    async def _ask(
        self, method: str, path: str, content: object = None
    ) -> dict[str, Any]:
        async with self._session.request(
            method,
            self._simulator["control_url"] + path,
            json=content,
            timeout=TIMEOUT,
        ) as response:
            answer: dict[str, Any] = await response.json()
        if not response.ok:
            raise DemoError(f"The simulator refuses {path}: {answer.get('error')}")
        return answer


def unknown_step(step: str) -> DemoError:
    """Return the error for a step of a set-up that the demo has no answer to."""
    return DemoError(f"The set-up asks for a step that the demo does not know: {step}.")
