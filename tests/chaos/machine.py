"""Run Home Assistant on a machine whose clock is set and whose disk is full at will.

The file that is its first argument says how it is; SIGUSR1 has it read again. Only what Home
Assistant and its integrations ask for the time of day is shifted: ``time.time`` and
``homeassistant.util.dt``. A full disk takes no new file in ``.storage``, which is how
each of Home Assistant's stores is written. Neither needs any rights.
"""

from datetime import UTC, datetime, timedelta, tzinfo
import errno
import json
import os
from pathlib import Path
import signal
import sys
import time
from typing import Any

from homeassistant import __main__
from homeassistant.util import dt as dt_util

REAL_TIME = time.time
REAL_OPEN = os.open
LARGEST = 4096
STORAGE = f"{os.sep}.storage{os.sep}"


class Machine:
    """What is odd about it now."""

    def __init__(self, file: Path) -> None:
        """Read how it begins."""
        self._file = file
        self.offset = 0.0
        self.full = False
        self.read()

    def read(self, *_: object) -> None:
        """Read how it is."""
        # Not by Path: Home Assistant would complain of a file read in its loop.
        file = REAL_OPEN(self._file, os.O_RDONLY)
        state = json.loads(os.read(file, LARGEST))
        os.close(file)
        self.offset, self.full = state["offset"], state["full"]

    def time(self) -> float:
        """Return seconds since 1970."""
        return REAL_TIME() + self.offset

    def utcnow(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def now(self, time_zone: tzinfo | None = None) -> datetime:
        """Return the time in a zone."""
        return self.utcnow().astimezone(time_zone or dt_util.DEFAULT_TIME_ZONE)

    def open(self, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        """Open a file, unless it is a new one and there is no room for it."""
        if self.full and flags & os.O_CREAT and STORAGE in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return REAL_OPEN(path, flags, *args, **kwargs)

    def install(self) -> None:
        """Have everybody in this process live with it."""
        signal.signal(signal.SIGUSR1, self.read)
        for module, name, function in (
            (time, "time", self.time),
            (os, "open", self.open),
            (dt_util, "utcnow", self.utcnow),
            (dt_util, "now", self.now),
        ):
            setattr(module, name, function)


if __name__ == "__main__":
    Machine(Path(sys.argv.pop(1))).install()
    sys.exit(__main__.main())
