"""The QR menu's part of the control API."""

from collections.abc import Callable
from typing import Any, ClassVar, get_args, override

from aiohttp import web

from .certificate import make_certificate
from .panel import Panel, Route, answer, bad_request, read_names, read_object
from .qr_menu import AuthFailure, QrMenuService, UnknownCursor
from .qr_menu_events import order_of

_CHOICES: dict[str, tuple[Any, ...]] = {
    "auth_failure": get_args(AuthFailure.__value__),
    "unknown_cursor": get_args(UnknownCursor.__value__),
}


class QrMenuPanel(Panel):
    """Tables to click, and the queue."""

    path: ClassVar[str] = "/qr-menu"

    def __init__(self, service: QrMenuService) -> None:
        """Show a QR menu."""
        super().__init__(service)
        self._menu = service

    @override
    def routes(self) -> list[Route]:
        """Return what can be done to the QR menu."""
        return [
            ("/events", self._push),
            (
                "/tables/{name}/call",
                self._table(lambda name, _: self._menu.waiter_call(name)),
            ),
            ("/tables/{name}/dishes", self._table(self._add_dishes)),
            ("/tables/{name}/pay", self._table(self._pay)),
            ("/tables/{name}/waiter", self._table(self._serve)),
            ("/tables/{name}/move", self._table(self._move)),
            (
                "/tables/{name}/close",
                self._table(
                    lambda name, _: order_of(self._menu.restaurant.close(name))
                ),
            ),
            ("/settings", self._set),
            ("/clear", self._clear),
            ("/restart", self._restart),
            ("/certificate", self._renew_certificate),
        ]

    @override
    def state(self) -> dict[str, Any]:
        """Return the queue and the tables too."""
        menu = self._menu
        return {
            **super().state(),
            "token": menu.token,
            "retention": menu.retention,
            **{name: getattr(menu, name) for name in _CHOICES},
            "queue": [
                {"age": round(age, 3), "event": event}
                for age, event in menu.queue_with_ages
            ],
            "tables": [
                {
                    "id": table.id,
                    "name": table.name,
                    "seats": table.seats,
                    "sum": order.sum
                    if (order := menu.restaurant.orders.get(table.name))
                    else 0,
                    "waiter": order and order.waiter[1],
                }
                for table in menu.restaurant.tables.values()
            ],
        }

    async def _push(self, request: web.Request) -> web.Response:
        if not request.can_read_body:
            raise bad_request("the body must be an event")
        return answer(self._menu.push(await read_object(request)))

    def _table(
        self, action: Callable[[str, dict[str, Any]], dict[str, Any]]
    ) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            given = await read_object(request)
            try:
                return answer(action(request.match_info["name"], given))
            except LookupError as error:
                raise web.HTTPNotFound(text=str(error)) from error
            except ValueError as error:
                raise bad_request(str(error)) from error

        return handle

    def _add_dishes(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        dishes = given.get("dishes")
        if not isinstance(dishes, list | None):
            raise bad_request("dishes must be a list")
        return self._menu.add_dishes(name, dishes)

    def _pay(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        amount = given.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int | float | None):
            raise bad_request("amount must be a number")
        return self._menu.pay(name, amount)

    def _serve(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        waiter_id, waiter = given.get("id"), given.get("name")
        if isinstance(waiter_id, bool) or not isinstance(waiter_id, int | None):
            raise bad_request("id must be a number")
        if not isinstance(waiter, str | None):
            raise bad_request("name must be a text")
        order = self._menu.restaurant.open_order(name)
        order.waiter = (waiter_id, waiter)
        return order_of(order)

    def _move(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        to = given.get("to")
        if isinstance(to, bool) or not isinstance(to, str | int):
            raise bad_request("to must be the name of a table")
        return order_of(self._menu.restaurant.move(name, to))

    async def _set(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        for name, value in given.items():
            if name == "token":
                if not isinstance(value, str):
                    raise bad_request("token must be a text")
            elif name == "retention":
                if (
                    isinstance(value, bool)
                    or not isinstance(value, int | float)
                    or value <= 0
                ):
                    raise bad_request("retention must be a number of seconds above 0")
            elif name not in _CHOICES:
                raise bad_request(
                    f"unknown setting: {name}; known: token, retention, {', '.join(_CHOICES)}"
                )
            elif isinstance(value, bool) or value not in _CHOICES[name]:
                raise bad_request(
                    f"{name} must be one of {', '.join(map(str, _CHOICES[name]))}"
                )
        for name, value in given.items():
            setattr(self._menu, name, value)
        return answer(self.state())

    async def _clear(self, _: web.Request) -> web.Response:
        self._menu.clear()
        return answer(self.state())

    async def _restart(self, request: web.Request) -> web.Response:
        given = await read_names(request)
        await self._menu.restart(keep_queue=given.get("keep_queue") is True)
        return answer(self.state())

    async def _renew_certificate(self, _: web.Request) -> web.Response:
        if (certificate := self._menu.certificate) is None:
            raise web.HTTPConflict(text="the QR menu runs without TLS")
        await self._menu.set_certificate(make_certificate(certificate.names))
        return answer(self.state())
