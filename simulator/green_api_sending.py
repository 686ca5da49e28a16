"""Files that are sent through GREEN-API by their addresses.

Facts of the vendor's pages "SendFileByUrl" of each messenger.
"""

from dataclasses import dataclass
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any, Final

from .green_api_calls import Call, Method, Methods, bad_request
from .green_api_messages import REFUSALS, Sent
from .service import Answer

if TYPE_CHECKING:
    from .green_api import GreenApiService

# Characters of the words below a file; of the others as many as a text has.
LONGEST_CAPTIONS: Final = {"telegram": 1_024}
KINDS: Final = {
    "image": "imageMessage",
    "video": "videoMessage",
    "audio": "audioMessage",
}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was sent, and the words below it."""

    message_id: str
    chat_id: str
    url: str
    name: str
    caption: str | None
    quoted_message_id: str | None


class Files:
    """The call that sends files."""

    def __init__(self, green: GreenApiService) -> None:
        """Send in the name of an account."""
        self._green = green
        self.sent: list[SentFile] = []

    @property
    def methods(self) -> Methods:
        """Return the calls of the API."""
        return {"sendFileByUrl": Method("POST", self._send)}

    async def _send(self, call: Call) -> Answer:
        green = self._green
        if (refusal := REFUSALS.get(green.state)) is not None:
            status, words = refusal
            return Answer.json({"message": words}, status)
        given = await call.read() or {}
        chat, url, name = (given.get(key) for key in ("chatId", "urlFile", "fileName"))
        caption, quoted = given.get("caption"), given.get("quotedMessageId")
        most = LONGEST_CAPTIONS.get(green.messenger.name, green.messenger.max_text)
        if not isinstance(chat, str) or not green.model.accepts(chat):
            return bad_request("'chatId' must be one")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            return bad_request("'urlFile' must be an address")
        if not isinstance(name, str) or not all(name.rpartition(".")):
            return bad_request("'fileName' must be a name with an extension")
        if not isinstance(caption, str | None) or len(caption or "") > most:
            return bad_request("'caption' must be a text")
        if not isinstance(quoted, str | None):
            return bad_request("'quotedMessageId' must be a text")
        return Answer.json({"idMessage": self.send(chat, url, name, caption, quoted)})

    def send(
        self, chat: str, url: str, name: str, caption: str | None, quoted: str | None
    ) -> str:
        """Send a file, report it and what becomes of it; return the message's id."""
        green = self._green
        id_ = green.writer.people.message_id(chat)
        self.sent.append(SentFile(id_, chat, url, name, caption, quoted))
        green.sent.append(Sent(id_, chat, caption or "", quoted))
        green.write_down(chat, None, caption or name, id_, by_api=True)
        kind = guess_type(name)[0] or "application/octet-stream"
        data: dict[str, Any] = {
            "typeMessage": KINDS.get(kind.partition("/")[0], "documentMessage"),
            "fileMessageData": {
                "downloadUrl": url,
                "caption": caption or "",
                "fileName": name,
                "mimeType": kind,
            },
        }
        if quoted is not None:
            data["quotedMessage"] = {"stanzaId": quoted}
        green.offer(green.writer.message_of_ours(chat, id_, data, api=True))
        for status in green.statuses:
            green.offer(green.writer.status(chat, id_, status, api=True))
        green.report()
        return id_
