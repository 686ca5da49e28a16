"""The auto-call of a PBX: what it phones, and how each call ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web
import orjson

from .service import Answer

PREFIX = "/auto_call/"
SCENARIO = "staff"
DIALING = "dialing"
RESULTS = (
    "talk",
    "talk_ok",
    "talk_unsuccess",
    "busy",
    "timeout",
    "unavailable",
    "no_route",
    "line_busy",
    "line_fail",
    "error",
    "break",
)


@dataclass(slots=True, kw_only=True)
class AutoCall:
    """A task: one number that is phoned."""

    id: int
    scenario: str
    number: str
    result: str = DIALING
    heard: dict[str, str] = field(default_factory=dict)
    is_stopped: bool = False

    @property
    def is_over(self) -> bool:
        """Return whether nobody is phoned any more."""
        return self.is_stopped or self.result != DIALING


class AutoCalls:
    """Phone people, one at a time."""

    def __init__(self) -> None:
        """Have a key-token and one scenario; calls ring until somebody ends them."""
        self.has_key = True
        self.scenarios = {SCENARIO}
        self.by_itself: tuple[str, Mapping[str, str]] | None = None
        """How each call ends when it is first asked for: result, and what was heard."""
        self.tasks: list[AutoCall] = []
        self._ids = count(1)

    @property
    def ringing(self) -> AutoCall | None:
        """Return the call that goes on, None where there is none."""
        return next((task for task in self.tasks if not task.is_over), None)

    def end(self, result: str, heard: Mapping[str, str] | None = None) -> AutoCall:
        """Let the call end that goes on. Raises LookupError where none does."""
        if (task := self.ringing) is None:
            raise LookupError("nobody is phoned")
        task.result, task.heard = result, dict(heard or {})
        return task

    async def answer(self, request: web.BaseRequest) -> Answer:
        """Answer a request for anything of the auto-call."""
        if not self.has_key:
            return Answer.text(404)
        match request.method, request.path.removeprefix(PREFIX):
            case "POST", "start":
                return self._start(await request.read())
            case "GET", "start":
                return self._command(request)
            case "GET", "status":
                return Answer.json(self._status(self._find(request)))
            case "GET", "result":
                return Answer.json(self._result(self._find(request)))
        return Answer.text(404)

    def _start(self, body: bytes) -> Answer:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict) or not given.get("list"):
            return Answer.json({"result": "error", "error": "bad_request"})
        if given.get("name") not in self.scenarios:
            return Answer.json({"result": "error", "error": "not_found"})
        if self.ringing is not None:
            return Answer.json({"result": "warning", "warning": "already_running"})
        task = AutoCall(
            id=next(self._ids), scenario=given["name"], number=str(given["list"][0])
        )
        self.tasks.append(task)
        return Answer.json({"result": "ok", "id": task.id})

    def _command(self, request: web.BaseRequest) -> Answer:
        task = self._find(request)
        if task is None:
            return Answer.json({"result": "error", "error": "not_found"})
        if request.query.get("cmd") == "task_stop" and not task.is_over:
            task.is_stopped, task.result = True, "break"
        return Answer.json({"result": "ok", "id": task.id})

    def _find(self, request: web.BaseRequest) -> AutoCall | None:
        asked = request.query.get("id")
        return next((task for task in self.tasks if str(task.id) == asked), None)

    def _status(self, task: AutoCall | None) -> dict[str, Any]:
        if task is None:
            return {"state": "none"}
        state = "stop" if task.is_stopped else "finish" if task.is_over else "run"
        is_good = task.result.startswith("talk")
        return {
            "state": state,
            "total": 1,
            "done": int(task.is_over),
            "success": int(is_good),
            "tried": 1,
            "attempts": 1,
        }

    def _result(self, task: AutoCall | None) -> dict[str, Any]:
        if task is None:
            return {"result": "error", "error": "not_found"}
        if self.by_itself is not None and not task.is_over:
            task.result, task.heard = self.by_itself[0], dict(self.by_itself[1])
        is_good = task.result.startswith("talk")
        state = "ok" if is_good else "fail" if task.is_over else DIALING
        row = {"number": task.number, "state": state, "status": task.result}
        return {"result": "ok", "list": [{**row, **task.heard}]}
