"""Which messages are known: for as long as there is room, whatever the clocks say."""

import orjson
import pytest

from custom_components.carbis_alerts.domain.known_messages import KEPT, KnownMessages


def stored(known: KnownMessages) -> str:
    """Return what is written of it."""
    return known.snapshot()()


def test_what_was_added_is_known_over_a_restart() -> None:
    known = KnownMessages()
    known.add("10000000:1")
    known.add("E" * 300)
    known.add(None)
    again = KnownMessages()
    again.restore(orjson.loads(orjson.dumps(stored(known))))
    for one in (known, again):
        assert len(one) == 2
        assert "10000000:1" in one
        assert "E" * 300 in one
        assert "10000001:1" not in one
        assert None not in one


def test_the_oldest_go_and_what_is_added_again_is_new() -> None:
    known = KnownMessages(most=3)
    for key in ("a", "b", "c", "a", "d"):
        known.add(key)
    assert [key in known for key in "abcd"] == [True, False, True, True]


def test_a_full_one_takes_less_than_fifty_thousand_bytes() -> None:
    known = KnownMessages()
    for number in range(KEPT + 100):
        known.add(f"79821234567@c.us:{number}")
    assert len(known) == KEPT
    assert len(stored(known)) < 50_000


@pytest.mark.parametrize("content", [None, 5, "ä", "abc", ["a"], {}])
def test_what_is_none_of_it_is_passed_over(content: object) -> None:
    known = KnownMessages()
    known.restore(content)
    assert len(known) == 0
