"""What a service may put into the site: how large, how fast, in which signs."""

import pytest

from custom_components.carbis_alerts.api.texts import one_line, shortened


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
