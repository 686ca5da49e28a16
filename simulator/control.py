"""The control port: a page for people, a JSON API for programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from .faults import Faults
from .panel import Panel, answer, bad_request, read_names
from .replay import Player

STATIC = Path(__file__).parent / "static"
PAGE = {
    "/": ("index.html", "text/html"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript")
        for name in ("app", "cards", "green_api", "page", "pbx", "qr_menu", "words")
    },
    "/style.css": ("style.css", "text/css"),
}
MAX_BODY = 64 * 1024 * 1024
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
}


class Control:
    """The control server of several services."""

    def __init__(
        self,
        panels: Sequence[Panel],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        player: Player | None = None,
    ) -> None:
        """Prepare; nothing listens before start()."""
        self._player = player
        self.host = host
        self.port = port
        self._panels = {panel.service.name: panel for panel in panels}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def url(self) -> str:
        """Return the address of the page, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the port is taken."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[_say_errors])
        for path, (file, kind) in PAGE.items():
            app.router.add_get(path, _page(STATIC / file, kind))
        app.router.add_get("/state", self._state)
        app.router.add_get("/record/{name}", self._record)
        app.router.add_post("/faults", self._set_faults)
        for panel in self._panels.values():
            for path, handler in panel.routes():
                app.router.add_post(panel.path + path, handler)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=1
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError:
            await self.stop()
            raise
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close everything."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _state(self, _: web.Request) -> web.Response:
        state = {name: panel.state() for name, panel in self._panels.items()}
        if self._player is not None:
            state["replay"] = self._player.state
        return answer(state)

    async def _record(self, request: web.Request) -> web.Response:
        name = request.match_info["name"].replace("-", "_")
        if name not in self._panels:
            raise web.HTTPNotFound(text=f"unknown service: {name}")
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise bad_request("after must be the number of a note")
        record = self._panels[name].service.record
        try:
            return answer({"notes": record.after(int(after))})
        except LookupError as error:
            raise web.HTTPGone(text=str(error)) from error

    async def _set_faults(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        faults = {}
        for name, value in given.items():
            if name not in self._panels:
                raise bad_request(
                    f"unknown service: {name}; known: {', '.join(self._panels)}"
                )
            try:
                faults[name] = Faults.from_json(value)
            except ValueError as error:
                raise bad_request(f"{name}: {error}") from error
        for name, value in faults.items():
            self._panels[name].service.faults.set(value)
        return answer(
            {
                name: panel.service.faults.current.as_json()
                for name, panel in self._panels.items()
            }
        )


def _page(path: Path, kind: str) -> Handler:
    body = path.read_bytes()

    async def handle(_: web.Request) -> web.Response:
        return web.Response(
            body=body, content_type=kind, charset="utf-8", headers=_PAGE_HEADERS
        )

    return handle


@web.middleware
async def _say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return answer({"error": error.text or error.reason}, error.status)
