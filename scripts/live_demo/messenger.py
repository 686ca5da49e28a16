"""The messenger's account of the demo."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, Final, override

import aiohttp

from custom_components.carbis_alerts.api.green_api.messengers import MESSENGERS

from .account import say
from .errors import DemoError
from .pbx import GUEST_NUMBER, GUEST_NUMBER_WRITTEN
from .service import Alert, Change, Service, Subentry, unknown_step
from .stream import Stream

SHOWN: Final = "sensor.last_message"
ANSWER: Final = "input_text.answer"
# Seconds.
SHORT_POLL: Final = 1


class Messenger(Service):
    """An account at GREEN-API, and the chat of a guest."""

    source: ClassVar[str] = "green_api"
    steps: ClassVar[str] = "form, change of settings, entry, chat"

    def __init__(
        self,
        session: aiohttp.ClientSession,
        simulator: Mapping[str, Any],
        words: Mapping[str, str],
    ) -> None:
        """Take whichever messenger the simulator has."""
        super().__init__(session, simulator, words)
        self.name = MESSENGERS[simulator.get("green_api_messenger", "whatsapp")].title
        self._chat_id = ""

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
        """Pick messengers, enter instance and token, let the settings be changed.

        Which messenger it is, is found out.
        """
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
        """Let the guest write, staff answer from the dashboard, and a message be lost."""
        text = self._words["message"]
        await self._write(text)
        yield self._message(f"{self._words['guest']} writes", text)
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
        text = self._words["lost_message"]
        await self._post("/green-api/notifications/drop")
        await self._write(text)
        # What is in the service's list is lost once the queue was empty after it: that
        # takes as long as a long poll.
        await self._post("/green-api/settings", {"poll_time": SHORT_POLL})
        say(f"\n{self.name}'s long polls set to be quick, for this proof only")
        await stream.act("homeassistant.reload_config_entry", entry_id=self.entry_id)
        yield self._message("A message that the queue lost is found", text, late=True)

    def _message(self, text: str, message: str, *, late: bool = False) -> Alert:
        return Alert(
            text=text,
            event={
                "source": "green_api",
                "type": "message",
                "text": message,
                **({"late": True} if late else {}),
            },
            transitions=({"kind": "message", "action": "opened"},),
            changes=(Change(SHOWN, (message,)),),
        )

    async def _write(self, text: str) -> None:
        """Let the guest write, from whichever chat is theirs."""
        message = await self._post(
            "/green-api/messages",
            {"chat": GUEST_NUMBER, "name": self._words["guest"], "text": text},
        )
        self._chat_id = message["senderData"]["chatId"]

    async def _check(self, answer: str) -> None:
        """Look whether the guest has got the answer."""
        answers = [
            line["text"]
            for chat in (await self._state())["chats"]
            if chat["chat_id"] == self._chat_id
            for line in chat["lines"]
            if line["by_api"]
        ]
        if answers != [answer]:
            raise DemoError(f"The guest has not got one answer, but {answers}.")
        say(f"{'':10}  the guest has it: {answer}")
