"""What the state of something says of whether somebody is on shift."""

from math import isnan
from typing import Final

# What any entity may say, in any case. Of a choice of a person's own, or of a text, these
# words are known too.
ON: Final = frozenset(
    {
        *("on", "home", "true", "yes", "active", "open", "occupied", "playing"),
        *("on shift", "on_shift", "on duty", "working", "present", "здесь", "да"),
        *("на смене", "работает", "вкл", "присутствует"),
    }
)
OFF: Final = frozenset(
    {
        *("off", "not_home", "false", "no", "idle", "paused", "closed", "clear"),
        *("off shift", "off_shift", "off duty", "away", "absent", "standby", "none"),
        *("не на смене", "не работает", "выходной", "нет", "выкл", "отсутствует"),
    }
)
# Where somebody is: at home, which is where Home Assistant is, or anywhere else.
TRACKED: Final = frozenset({"person", "device_tracker"})
HOME: Final = "home"
NOTHING: Final = frozenset({"unavailable", "unknown", ""})


def is_on_shift(domain: str, state: str) -> bool | None:
    """Return whether a state says that somebody is on shift, None where it says nothing.

    A number says so where it is more than 0.
    """
    said = state.strip().casefold()
    if said in NOTHING:
        return None
    if domain in TRACKED:
        return said == HOME
    if said in ON:
        return True
    if said in OFF:
        return False
    try:
        number = float(said)
    except ValueError:
        return None
    return None if isnan(number) else number > 0
