"""Run the services and the control page until told to stop."""

import argparse
import asyncio
from contextlib import AsyncExitStack
import errno
import signal
import sys

import orjson

from .certificate import NAMES, make_certificate
from .control import Control
from .qr_menu import RETENTION, QrMenuService
from .qr_menu_panel import QrMenuPanel


def main() -> int:
    """Read the command line, run, and return the exit code."""
    options = _parser().parse_args()
    try:
        asyncio.run(_run(options))
    except OSError as error:
        print(f"simulator: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="The services of a restaurant, with a control page. Port 0 is any free one.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (%(default)s)"
    )
    parser.add_argument(
        "--control-port", type=_port, default=8180, metavar="PORT", help="%(default)s"
    )
    parser.add_argument(
        "--qr-menu-port", type=_port, default=8181, metavar="PORT", help="%(default)s"
    )
    parser.add_argument(
        "--token", default="demo-token", help="secret key of the QR menu (%(default)s)"
    )
    parser.add_argument(
        "--retention",
        type=float,
        default=RETENTION,
        metavar="SECONDS",
        help="age of its events (%(default)s)",
    )
    parser.add_argument(
        "--tls", action="store_true", help="give the QR menu a self-signed certificate"
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    certificate = (
        make_certificate(list(dict.fromkeys((*NAMES, options.host))))
        if options.tls
        else None
    )
    menu = QrMenuService(
        token=options.token,
        retention=options.retention,
        host=options.host,
        port=options.qr_menu_port,
        certificate=certificate,
    )
    control = Control([QrMenuPanel(menu)], host=options.host, port=options.control_port)
    async with AsyncExitStack() as stack:
        for server in (menu, control):
            try:
                await stack.enter_async_context(server)
            except OSError as error:
                raise OSError(
                    f"cannot listen on {server.host} port {server.port}: {_reason(error)}"
                ) from error
        started = {
            "qr_menu_port": menu.port,
            "qr_menu_url": menu.url,
            "qr_menu_token": menu.token,
            "qr_menu_fingerprint": certificate.fingerprint if certificate else None,
            "control_port": control.port,
            "control_url": control.url,
        }
        print(orjson.dumps(started).decode(), flush=True)
        await stop.wait()


def _reason(error: OSError) -> str:
    return (
        "the port is in use"
        if error.errno == errno.EADDRINUSE
        else error.strerror or str(error)
    )


if __name__ == "__main__":
    sys.exit(main())
