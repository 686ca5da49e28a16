"""GREEN-API: a messenger's account behind a queue with receipts."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
import hmac
import time
from typing import Any, ClassVar, Literal, override

from aiohttp import web

from .certificate import Certificate
from .green_api_account import Account
from .green_api_calls import Call, Method, Methods, Path, Rates, bad_request
from .green_api_history import History
from .green_api_linking import Linking
from .green_api_messages import Line, Messages, Sent
from .green_api_messengers import ENDS, MODELS
from .green_api_notifications import SETTINGS, Direction, Writer
from .green_api_queue import QueueService
from .green_api_sending import Files
from .service import PATIENCE, Answer

type RateLimits = Literal["ignore", "keep"]

TOKEN = "d75b3a66374942c5b3c019c698abc2067e151558acbd412345"
PHONE = "79001234567"
MAX_LINES = 500
# Settings that nobody can change.
FIXED = frozenset({"wid", "typeInstance"})


class GreenApiService(QueueService):
    """The gateway of one account."""

    name: ClassVar[str] = "green_api"

    def __init__(
        self,
        *,
        messenger: str = "whatsapp",
        instance_id: str | None = None,
        token: str = TOKEN,
        phone: str = PHONE,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the account of a messenger; notifications are kept for a day by the clock."""
        super().__init__(host=host, port=port, certificate=certificate, clock=clock)
        self.model = MODELS[messenger]
        self.messenger = self.model.row
        self.instance_id = instance_id or self.model.instance_id
        self.token = token
        self.phone = phone
        self.state = "authorized"
        self.suspended_until: int | None = None
        """When a suspension ends, in Unix time."""
        self.settings: dict[str, Any] = {
            "wid": f"{phone}@c.us",
            **self.model.settings,
        }
        self.rate_limits: RateLimits = "ignore"
        """What comes of more calls a second than the service bears."""
        self.statuses: Sequence[str] = self.model.statuses
        """What becomes of a message that is sent."""
        self.other_ids: dict[str, str | None] = {}
        """By the id of a chat: the id that its person is known by besides; None: nobody."""
        self.looked_up: list[str] = []
        self.sent: list[Sent] = []
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self.losses = 0
        """How many of the next notifications never come into the queue."""
        self.writer = Writer(self.instance_id, phone, self.model)
        self.rates = Rates(clock)
        self.files = Files(self)
        self.history = History(self)
        self.linking = Linking(self)
        # Each part of the API brings its calls.
        self.methods: dict[str, Method] = {
            **self.queue_methods,
            **self._account_methods,
            **self.linking.methods,
            **Messages(self).methods,
            **self.files.methods,
            **self.history.methods,
        }

    @property
    def account(self) -> str:
        """Return the chat id of the account itself."""
        return self.writer.account

    @property
    def _account_methods(self) -> Methods:
        return Account(self).methods

    async def wait_for_sent(
        self, count: int = 1, timeout: float = PATIENCE
    ) -> list[Sent]:
        """Wait until so many messages were sent in all, and return them. Raises TimeoutError."""
        await self.wait_until(lambda: len(self.sent) >= count, timeout)
        return self.sent

    def chat_id(self, text: str) -> str:
        """Return the id of a chat; a phone number stands for its person."""
        return self.writer.people.chat_id(text)

    def message(
        self,
        chat: str,
        text: str,
        name: str = "Guest",
        *,
        sender: str | None = None,
        data: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        chat_type: str | None = None,
    ) -> dict[str, Any]:
        """Let a guest write, in a group as one of it; return the notification.

        It is queued if the settings have it. The data are those of a text unless given.
        """
        body = self.writer.message(
            self.chat_id(chat),
            name,
            self.model.text_data(text) if data is None else dict(data),
            sender=None if sender is None else self.chat_id(sender),
            message_id=message_id,
            chat_type=chat_type,
        )
        self.write_down(self.chat_id(chat), name, text, body["idMessage"])
        self.offer(body)
        return body

    def write(self, chat: str, text: str, *, after: int = 0) -> dict[str, Any]:
        """Let staff write from the phone, by its time so many seconds after now.

        Return the notification, queued if the settings have it.
        """
        chat = self.chat_id(chat)
        id_ = self.writer.people.message_id(chat)
        data = self.model.text_data(text)
        body = self.writer.message_of_ours(chat, id_, data, api=False)
        body["timestamp"] += after
        self.write_down(chat, None, text, id_)
        self.offer(body)
        return body

    def call(
        self,
        number: str,
        status: str = "offer",
        *,
        direction: Direction = "incoming",
        call_id: str | None = None,
    ) -> dict[str, Any]:
        """Note a call; return the notification, queued if the settings have it.

        Raises ValueError where the messenger's calls are not reported.
        """
        if not self.messenger.has_calls:
            raise ValueError(f"calls of {self.messenger.title} are not reported")
        chat = self.chat_id(number)
        id_ = call_id or self.writer.people.message_id(chat)
        body = self.writer.call(direction, chat, status, id_)
        self.offer(body)
        return body

    def set_state(self, state: str, until: int | None = None) -> None:
        """Change the account's state, and report it if the settings have it.

        A suspension ends at a Unix time, if one is given.
        """
        self.state = state
        self.suspended_until = until
        if state not in ENDS:
            self.offer(self.writer.state(state))

    def drop_next(self, count: int = 1) -> None:
        """Lose the next notifications before they come into the queue."""
        self.losses += count

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the instance; the others stay. Raises ValueError for unknown ones."""
        if unknown := changes.keys() - self.settings.keys() | changes.keys() & FIXED:
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        self.settings |= changes

    @override
    def token_ok(self, request: web.BaseRequest) -> bool:
        """Return whether a request names the instance and its token."""
        if request.method == "POST" and request.path == "/":
            return True
        path = Path.of(request)
        return (
            path is not None
            and path.instance_id == self.instance_id
            and hmac.compare_digest(path.token.encode(), self.token.encode())
        )

    @override
    def cursor(self, request: web.BaseRequest) -> str | None:
        """Return the receipt that a request deletes."""
        path = Path.of(request)
        return path.argument if path is not None else None

    @override
    async def answer(self, request: web.BaseRequest, token_ok: bool) -> Answer:
        """Answer a call of the API; a POST to the root is a notification for the queue."""
        if request.method == "POST" and request.path == "/":
            return await self._debug(Call(request))
        path = Path.of(request)
        method = None if path is None else self.methods.get(path.name)
        if path is None or method is None or path.prefix not in ("", self.model.prefix):
            return Answer.text(404)
        if request.method != method.verb:
            return Answer.text(405)
        if not token_ok:
            return Answer.text(401 if path.instance_id == self.instance_id else 403)
        if self.state in ENDS:
            return Answer.json({"message": ENDS[self.state]}, 400)
        if self.rate_limits == "keep" and not self.rates.bears(path.name):
            return Answer.text(429)
        return await method.answer(Call(request, path.argument))

    async def _debug(self, call: Call) -> Answer:
        body = await call.read()
        if body is None:
            return bad_request("the body must be a JSON object")
        self.push(body)
        return Answer.json({})

    def offer(self, body: dict[str, Any]) -> None:
        """Queue a notification if the settings have it, and it is not to be lost."""
        name = SETTINGS[body["typeWebhook"]]
        if self.settings[name] != "yes" or self.settings["webhookUrl"]:
            return
        # What the queue loses is listed all the same.
        self.history.note(body)
        if self.losses:
            self.losses -= 1
            self.record.note("lost", content=body)
            return
        self.push(body)

    def report(self) -> None:
        """Wake who waits for something to happen."""
        self._report()

    def write_down(
        self, chat: str, name: str | None, text: str, id_: str, *, by_api: bool = False
    ) -> None:
        """Keep what was written in a chat for people to read."""
        self.lines.append(
            Line(
                at=self.clock(),
                chat_id=chat,
                name=name,
                text=text,
                message_id=id_,
                by_api=by_api,
            )
        )
