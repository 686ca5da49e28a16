"""Let the test plug-in run on a Home Assistant that is newer than the one it names.

To be loaded before it: ``PYTEST_ADDOPTS="-p tests.newer_core"``. Home Assistant has to be
imported before any client of HTTP, and what the plug-in imports from a former place is
put there again.
"""

from typing import Any

from homeassistant.components import logger
from homeassistant.components.logger import helpers

former: Any = logger
for name in ("_clear_logger_overwrites",):
    if not hasattr(former, name):
        setattr(former, name, getattr(helpers, name))
