"""Messages to a client's web hook: one after another, tried again where that may help."""

import asyncio
from collections import deque
from collections.abc import Callable
from hashlib import md5
import secrets
from typing import Literal, NamedTuple

import aiohttp
import orjson

from .service import JSON_TYPE

type Dialect = Literal["json", "plain", "both"]

TIMEOUT = 5.0
RETRY_PAUSES = (0.2, 0.5, 1.0)
MAX_ANSWERS = 1000


class HookAnswer(NamedTuple):
    """What a hook answered."""

    status: int | None
    """None where there was no answer."""
    body: str
    """Its body, or what went wrong."""


class HookSender:
    """Post to a hook."""

    def __init__(
        self,
        address: Callable[[], str | None],
        publish: Callable[[], None],
        note: Callable[[int, int | str | None], None] = lambda item, status: None,
    ) -> None:
        """Post to wherever address() says at that time; publish() is called after each answer.

        note() gets the number of each message that is posted, and the status of the answer: None where
        there was none, "given up" where there will be none.
        """
        self.timeout = TIMEOUT
        self.retry_pauses: tuple[float, ...] = RETRY_PAUSES
        self.answers: deque[HookAnswer] = deque(maxlen=MAX_ANSWERS)
        self._address = address
        self._report = publish
        self._note = note
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Return how many messages are not delivered yet, nor given up."""
        return len(self._waiting)

    def start(self) -> None:
        """Open a session."""
        # The resolver that starts no thread before there is a name to resolve.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
        )

    async def stop(self) -> None:
        """Give up what is not delivered."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    def send(self, body: bytes, item: int = 0) -> None:
        """Deliver a message after those that wait."""
        if self._session is None:
            return
        self._waiting.append((item, body))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    async def verify(self, address: str, device_id: str, dialect: Dialect) -> bool:
        """Ask a hook to prove that it is the client's; return whether it did."""
        challenge = secrets.token_urlsafe(24)
        proof = md5(challenge.encode(), usedforsecurity=False).hexdigest()
        body = orjson.dumps(
            {
                "device_id": device_id,
                "event_type": "verification",
                "payload": challenge,
            }
        )
        answer = await self._post(address, body)
        if answer.status is None or not 200 <= answer.status < 300:
            return False
        return proof in _proofs(answer.body, dialect)

    async def _deliver(self) -> None:
        while self._waiting:
            item, body = self._waiting[0]
            if not await self._deliver_one(item, body):
                self._note(item, "given up")
            self._waiting.popleft()
            self._report()

    async def _deliver_one(self, item: int, body: bytes) -> bool:
        for pause in (*self.retry_pauses, None):
            if (address := self._address()) is None:
                break
            answer = await self._post(address, body)
            self._note(item, answer.status)
            if answer.status is not None and answer.status < 500:
                return True
            if pause is not None:
                await asyncio.sleep(pause)
        return False

    async def _post(self, address: str, body: bytes) -> HookAnswer:
        if self._session is None:
            raise RuntimeError("start() comes first")
        try:
            async with (
                asyncio.timeout(self.timeout),
                self._session.post(
                    address,
                    data=body,
                    headers={"Content-Type": JSON_TYPE},
                    allow_redirects=False,
                ) as response,
            ):
                text = (await response.read()).decode(errors="replace")
                answer = HookAnswer(response.status, text)
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            answer = HookAnswer(None, str(error) or type(error).__name__)
        self.answers.append(answer)
        self._report()
        return answer


def _proofs(body: str, dialect: Dialect) -> list[object]:
    """Return what an answer gives as its proof, as far as the dialect reads it."""
    found: list[object] = []
    if dialect != "json":
        found.append(body.strip())
    if dialect != "plain":
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = None
        if isinstance(value, dict):
            found.append(value.get("result"))
    return found
