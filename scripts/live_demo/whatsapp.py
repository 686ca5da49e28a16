"""The WhatsApp account of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final, override

from .account import say
from .errors import DemoError
from .pbx import GUEST_NUMBER, GUEST_NUMBER_WRITTEN
from .service import Alert, Change, Service, Subentry, unknown_step
from .stream import Stream

CHAT_ID: Final = f"{GUEST_NUMBER.removeprefix('+')}@c.us"
SHOWN: Final = "sensor.whatsapp_message"
ANSWER: Final = "input_text.answer"


class WhatsApp(Service):
    """An account at GREEN-API, and the chat of a guest."""

    source: ClassVar[str] = "green_api"
    name: ClassVar[str] = "WhatsApp"
    steps: ClassVar[str] = "form, change of settings, entry, chat"

    @property
    @override
    def subentry(self) -> Subentry | None:
        """Return the chat of the guest."""
        data = {"name": self._words["guest"], "chat_id": GUEST_NUMBER_WRITTEN}
        return Subentry("chat", data)

    @override
    async def prepare(self) -> None:
        """Let the instance keep messages back, as one does that nobody has set up."""
        await self._post("/green-api/instance", {"incomingWebhook": "no"})

    @override
    def answer(self, step: str, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Pick WhatsApp, enter instance and token, let the settings be changed."""
        match step:
            case "user":
                return {"next_step_id": "green_api"}
            case "green_api":
                return {
                    "url": self._simulator["green_api_url"],
                    "instance_id": self._simulator["green_api_instance_id"],
                    "token": self._simulator["green_api_token"],
                }
            case "mend":
                return {"confirm": True}
        raise unknown_step(step)

    @override
    async def open(self) -> None:
        """Let the guest write."""
        await self._write(self._words["first_message"])

    @override
    async def alerts(self, stream: Stream) -> AsyncGenerator[Alert]:
        """Let the guest write, then staff answer from the dashboard."""
        text = self._words["message"]
        await self._write(text)
        yield Alert(
            text=f"{self._words['guest']} writes",
            event={"source": "green_api", "type": "message", "text": text},
            transitions=({"kind": "message", "action": "opened"},),
            changes=(Change(SHOWN, (text,)),),
        )
        answer = self._words["answer"]
        await stream.act("input_text.set_value", entity_id=ANSWER, value=answer)
        await stream.act("script.send_answer")
        yield Alert(
            text="Staff answer",
            event={"source": "green_api", "type": "message_sent", "text": answer},
            transitions=(
                {"kind": "message", "action": "closed", "reason": "answered"},
            ),
        )
        await self._check(answer)

    async def _write(self, text: str) -> None:
        """Let the guest write."""
        await self._post(
            "/green-api/messages",
            {"chat": CHAT_ID, "name": self._words["guest"], "text": text},
        )

    async def _check(self, answer: str) -> None:
        """Look whether the guest has got the answer."""
        answers = [
            line["text"]
            for chat in (await self._state())["chats"]
            if chat["chat_id"] == CHAT_ID
            for line in chat["lines"]
            if line["by_api"]
        ]
        if answers != [answer]:
            raise DemoError(f"The guest has not got one answer, but {answers}.")
        say(f"{'':10}  the guest has it: {answer}")
