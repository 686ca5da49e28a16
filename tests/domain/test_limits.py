"""What a service may put into the site: how large, how fast, in which signs."""

import pytest

from custom_components.carbis_alerts.api.texts import one_line, shortened
from custom_components.carbis_alerts.domain.limits import OVERHEAD, TokenBucket


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("6", "6"),
        ("  Столик\n6\t ", "Столик 6"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\x00b\x7fc\x9bd", "abcd"),
        ("\u202eelbat\u202c", "elbat"),
        ("\u2066x\u2069", "x"),
        ("👨‍👩‍👧 семья", "👨‍👩‍👧 семья"),
        ("شاي", "شاي"),
        ("{{ states() }}<b>", "{{ states() }}<b>"),
        ("\u202e", ""),
    ],
)
def test_a_name_is_one_line_that_leaves_the_others_alone(name: str, line: str) -> None:
    assert one_line(name) == line


def test_what_is_cut_says_so() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"


def test_a_burst_goes_on_at_once_and_a_flood_slowly() -> None:
    bucket = TokenBucket(burst=10 * OVERHEAD, rate=OVERHEAD)
    for _ in range(10):
        assert bucket.wait(0.0) == 0.0
        bucket.spend(0, 0.0)
    assert bucket.wait(0.0) == 0.0
    bucket.spend(0, 0.0)
    assert bucket.wait(0.0) == 1.0
    assert bucket.wait(0.75) == 0.25
    assert bucket.wait(1.0) == 0.0
    bucket.spend(2 * OVERHEAD, 1.0)
    assert bucket.wait(1.0) == 3.0


def test_a_bucket_is_taxed_from_a_sixteenth_on_until_it_has_filled_again() -> None:
    bucket = TokenBucket(burst=32 * OVERHEAD, rate=OVERHEAD)
    bucket.spend(0, 0.0)
    bucket.spend(0, 0.0)
    assert not bucket.is_taxed(0.0)
    bucket.spend(0, 0.0)
    assert bucket.is_taxed(0.0)
    assert not bucket.is_taxed(1.0)


def test_a_quiet_time_gives_the_whole_burst_back_and_no_more() -> None:
    bucket = TokenBucket(burst=2 * OVERHEAD, rate=OVERHEAD)
    bucket.spend(0, 0.0)
    bucket.spend(0, 1_000_000.0)
    bucket.spend(0, 1_000_000.0)
    assert bucket.wait(1_000_000.0) == 0.0
    bucket.spend(0, 1_000_000.0)
    assert bucket.wait(1_000_000.0) == 1.0
    # A clock that goes back gives nothing.
    assert bucket.wait(0.0) == 1.0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6\u200e", "6"),
        ("\u200fVIP\u061c \u200b2\ufeff", "VIP 2"),
        ("a\u200db\u200cc\u2060d\xade", "abcde"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🧑🏽\u200d🍳 ❤\ufe0f\u200d🔥", "🧑🏽\u200d🍳 ❤\ufe0f\u200d🔥"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("6\U000e0067\U000e0062", "6"),
    ],
)
def test_a_sign_that_nobody_sees_is_not_part_of_a_name(text: str, shown: str) -> None:
    assert one_line(text) == shown
