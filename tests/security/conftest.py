"""What the tests of security share: the three services."""

from ..services.conftest import (
    green_api as green_api,  # noqa: PLC0414 - fixtures of theirs that are fixtures here
    make_pbx as make_pbx,  # noqa: PLC0414
    make_whatsapp as make_whatsapp,  # noqa: PLC0414
    pbx as pbx,  # noqa: PLC0414
    pbx_entry as pbx_entry,  # noqa: PLC0414
)
