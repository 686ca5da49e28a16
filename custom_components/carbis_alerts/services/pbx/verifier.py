"""The proof that a hook is ours."""

from enum import StrEnum

from aiohttp import web

from ...api.errors import HookRefused
from ...api.pbx import PbxClient, Verification


class Dialect(StrEnum):
    """What a PBX wants for a proof: both kinds exist."""

    JSON = "json"
    PLAIN = "plain"


class Verifier:
    """Answer a PBX that asks whether a hook is ours."""

    def __init__(self, dialect: Dialect = Dialect.JSON) -> None:
        """Begin with the dialect that worked last."""
        self.dialect = dialect
        self.device_id: str | None = None

    def answer(self, verification: Verification) -> web.Response:
        """Return the proof, in the dialect that is tried."""
        self.device_id = verification.device_id
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
