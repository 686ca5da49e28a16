"""Run the services and the control page until asked to stop."""

import argparse
import asyncio
from contextlib import AsyncExitStack
import errno
import math
from pathlib import Path
import signal
import sys
from typing import get_args

import orjson

from .certificate import NAMES, make_certificate
from .control import Control
from .green_api import TOKEN, GreenApiService
from .green_api_messengers import MODELS
from .green_api_panel import GreenApiPanel
from .hook import Dialect
from .pbx import DEVICE_ID, PbxService
from .pbx_panel import PbxPanel
from .qr_menu import RETENTION, QrMenuService
from .qr_menu_panel import QrMenuPanel
from .replay import Recording
from .replays import GreenApiReplay, PbxReplay, QrMenuReplay, device_id


def main() -> int:
    """Read the command line, run, and return the exit code."""
    options = _parser().parse_args()
    try:
        asyncio.run(_run(options))
    except OSError as error:
        print(f"simulator: {error.strerror or error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"simulator: {error}", file=sys.stderr)
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
    parser.add_argument(
        "--pbx-port", type=_port, default=8182, metavar="PORT", help="%(default)s"
    )
    parser.add_argument(
        "--pbx-device-id",
        default=DEVICE_ID,
        metavar="ID",
        help="what its messages say (%(default)s)",
    )
    parser.add_argument(
        "--pbx-token", metavar="TOKEN", help="bearer token of the PBX (none)"
    )
    parser.add_argument(
        "--pbx-username", metavar="NAME", help="user name of the PBX (none)"
    )
    parser.add_argument(
        "--pbx-password", metavar="PASSWORD", help="its password (empty)"
    )
    parser.add_argument(
        "--pbx-heartbeat",
        type=_seconds,
        metavar="SECONDS",
        help="how often streams get a comment (never)",
    )
    parser.add_argument(
        "--pbx-dialect",
        choices=get_args(Dialect.__value__),
        default="json",
        help="answer to a verification that the PBX takes (%(default)s)",
    )
    parser.add_argument(
        "--green-api-port", type=_port, default=8183, metavar="PORT", help="%(default)s"
    )
    parser.add_argument(
        "--messenger",
        choices=tuple(MODELS),
        default="whatsapp",
        help="whose account the gateway has (%(default)s)",
    )
    parser.add_argument(
        "--green-api-instance",
        metavar="ID",
        help="id of its instance (one of the messenger)",
    )
    parser.add_argument(
        "--green-api-token", default=TOKEN, metavar="TOKEN", help="its token"
    )
    parser.add_argument(
        "--replay",
        type=Path,
        metavar="FILE",
        help="play the recording of a diagnostics file",
    )
    parser.add_argument(
        "--replay-speed",
        type=_seconds,
        default=1.0,
        metavar="TIMES",
        help="how many times faster (%(default)s)",
    )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return seconds


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
    recording = None if options.replay is None else Recording.read(options.replay)
    plays = None if recording is None else recording.service
    menu = (QrMenuReplay if plays == "qr_menu" else QrMenuService)(
        token=options.token,
        retention=options.retention,
        host=options.host,
        port=options.qr_menu_port,
        certificate=certificate,
    )
    pbx = (PbxReplay if plays == "pbx" else PbxService)(
        device_id=(recording and device_id(recording)) or options.pbx_device_id,
        token=options.pbx_token,
        username=options.pbx_username,
        password=options.pbx_password,
        host=options.host,
        port=options.pbx_port,
    )
    pbx.heartbeat = options.pbx_heartbeat
    pbx.dialect = options.pbx_dialect
    green = (GreenApiReplay if plays == "green_api" else GreenApiService)(
        messenger=options.messenger,
        instance_id=options.green_api_instance,
        token=options.green_api_token,
        host=options.host,
        port=options.green_api_port,
    )
    playing = [
        service
        for service in (menu, pbx, green)
        if isinstance(service, QrMenuReplay | PbxReplay | GreenApiReplay)
    ]
    for service in playing:
        if recording is not None:
            service.play(recording, options.replay_speed)
    control = Control(
        [QrMenuPanel(menu), PbxPanel(pbx), GreenApiPanel(green)],
        host=options.host,
        port=options.control_port,
        player=playing[0].player if playing else None,
    )
    async with AsyncExitStack() as stack:
        for server in (menu, pbx, green, control):
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
            "pbx_port": pbx.port,
            "pbx_url": pbx.url,
            "pbx_device_id": pbx.device_id,
            "pbx_token": pbx.token,
            "pbx_username": pbx.username,
            "pbx_password": pbx.password,
            "green_api_port": green.port,
            "green_api_url": green.url,
            "green_api_messenger": green.messenger.name,
            "green_api_instance_id": green.instance_id,
            "green_api_token": green.token,
            "green_api_phone": green.phone,
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
