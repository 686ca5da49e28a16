"""What states say of whether somebody is on shift."""

import pytest

from custom_components.carbis_alerts.domain.shifts import OFF, ON, is_on_shift


@pytest.mark.parametrize(
    ("domain", "state", "says"),
    [
        ("schedule", "on", True),
        ("calendar", "off", False),
        ("input_boolean", "On", True),
        ("person", "home", True),
        ("person", "not_home", False),
        # A zone that a person of the site has named, whatever its name.
        ("person", "On", False),
        ("device_tracker", "Dacha", False),
        ("timer", "active", True),
        ("timer", "idle", False),
        ("sensor", "2", True),
        ("sensor", "0.0", False),
        ("counter", "-1", False),
        ("zone", "0", False),
        ("input_select", "На смене", True),
        ("input_select", " не работает ", False),
        ("input_select", "Holiday?", None),
        ("sensor", "nan", None),
        ("schedule", "unavailable", None),
        ("person", "unknown", None),
        ("sensor", "", None),
    ],
)
def test_what_a_state_says(domain: str, state: str, says: bool | None) -> None:
    assert is_on_shift(domain, state) is says


def test_no_word_says_both() -> None:
    assert not ON & OFF
    assert all(word == word.casefold() for word in ON | OFF)
