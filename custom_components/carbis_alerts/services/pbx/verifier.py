"""The proof that a hook is ours."""

from enum import StrEnum
from typing import Final

from aiohttp import web

from ...api.errors import HookRefused
from ...api.pbx import PbxClient, Verification


class Dialect(StrEnum):
    """What a PBX wants for a proof: both kinds exist."""

    JSON = "json"
    PLAIN = "plain"


# Devices of one try that are looked at: a PBX has one.
MAX_NAMED: Final = 8


class Verifier:
    """Answer a PBX that asks whether a hook is ours."""

    def __init__(self, dialect: Dialect = Dialect.JSON) -> None:
        """Begin with the dialect that worked last."""
        self.dialect = dialect
        # Whoever has asked for a proof, by whichever name, which may be none.
        self.named: set[str | None] = set()

    @property
    def device_id(self) -> str | None:
        """Return the only device that has asked for a proof, None where it is not clear."""
        return next(iter(self.named)) if len(self.named) == 1 else None

    def answer(self, verification: Verification) -> web.Response:
        """Return the proof, in the dialect that is tried."""
        if len(self.named) < MAX_NAMED:
            self.named.add(verification.device_id)
        if self.dialect is Dialect.PLAIN:
            return web.Response(text=verification.proof)
        return web.json_response({"result": verification.proof})

    async def async_subscribe(self, client: PbxClient, url: str) -> None:
        """Subscribe, in the other dialect too if the first is refused."""
        other = Dialect.PLAIN if self.dialect is Dialect.JSON else Dialect.JSON
        try:
            await client.subscribe(url)
        except HookRefused:
            self.dialect = other
            await client.subscribe(url)
