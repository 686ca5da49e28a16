"""How a service appears on the control port."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
import time
from typing import Any, ClassVar

from aiohttp import web
import orjson

from .faults import underscored
from .service import JSON_TYPE, BaseService

type Route = tuple[str, Callable[[web.Request], Awaitable[web.Response]]]

SHOWN_REQUESTS = 50


class Panel(ABC):
    """A service's part of the control API; its routes are POST only, below its path."""

    path: ClassVar[str]

    def __init__(self, service: BaseService) -> None:
        """Show a service."""
        self._service = service

    @property
    def service(self) -> BaseService:
        """Return the service."""
        return self._service

    @abstractmethod
    def routes(self) -> list[Route]:
        """Return the paths below its own, each with its handler."""

    def state(self) -> dict[str, Any]:
        """Return what the page and other programs look at."""
        service, now = self._service, time.monotonic()
        return {
            "url": service.url,
            "host": service.host,
            "port": service.port,
            "fingerprint": service.certificate.fingerprint
            if service.certificate
            else None,
            "faults": service.faults.current.as_json(),
            "requests": service.received,
            "answered": service.answered,
            "connections": service.connections,
            "open_connections": service.open_connections,
            "last_requests": [
                {
                    "ago": round(now - request.time, 3),
                    "method": request.method,
                    "path": request.path,
                    "cursor": request.cursor,
                    "token_ok": request.token_ok,
                    "connection": request.connection,
                    "answer": request.answer,
                }
                for request in reversed(service.requests[-SHOWN_REQUESTS:])
            ],
        }


def answer(value: object, status: int = 200) -> web.Response:
    """Return a JSON response."""
    return web.Response(
        status=status, body=orjson.dumps(value), headers={"Content-Type": JSON_TYPE}
    )


def bad_request(text: str) -> web.HTTPBadRequest:
    """Return an error that says what is wrong with a request."""
    return web.HTTPBadRequest(text=text)


async def read_object(request: web.Request) -> dict[str, Any]:
    """Read the JSON object of a request; no body at all is an empty one."""
    body = await request.read()
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise bad_request(f"this is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise bad_request("the body must be a JSON object")
    return value


async def read_names(request: web.Request) -> dict[str, Any]:
    """Read a JSON object whose names may be written with hyphens."""
    try:
        return underscored(await read_object(request))
    except ValueError as error:
        raise bad_request(str(error)) from error
