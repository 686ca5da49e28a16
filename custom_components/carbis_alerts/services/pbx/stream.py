"""The line of a PBX's event stream."""

from collections.abc import Mapping
from typing import Any, override

from ...api.pbx import PbxClient, PbxMessage, parse_message
from ...api.stream import EventStream
from .line import Intake, Line


class StreamLine(Line):
    """Read what a PBX sends on its event stream."""

    def __init__(
        self, intake: Intake, client: PbxClient, data: Mapping[str, Any]
    ) -> None:
        """Take who has the messages, and an entry's data; nothing is opened yet."""
        super().__init__(data)
        self._intake = intake
        self._client = client
        self._last_event_id = ""
        self.stream: EventStream | None = None

    @override
    async def async_session(self) -> None:
        async with self._client.stream(self._last_event_id) as stream:
            self.stream = stream
            self._intake.async_line_up()
            try:
                while True:
                    await self._async_read(stream)
            finally:
                self.stream = None
                self._last_event_id = stream.decoder.last_event_id
                if stream.decoder.retry is not None:
                    self._intake.async_pause_asked(stream.decoder.retry)

    async def _async_read(self, stream: EventStream) -> None:
        """Hand on what comes next."""
        for event in await stream.read():
            message = parse_message(event.data, stream.charset)
            if isinstance(message, PbxMessage) and message.device_id is not None:
                # Whoever answers at the entry's own address is the PBX.
                self.senders.device_id = message.device_id
            await self._intake.async_handle(message)

    @override
    def diagnostics(self) -> dict[str, Any]:
        stream = self.stream
        return {
            "heartbeats": stream.decoder.comments if stream else None,
            "patience": stream.patience if stream else None,
        }
