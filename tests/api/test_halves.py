"""No text with half a character comes out of any parser, however it was written."""

from collections.abc import Callable
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.json import read_json
from custom_components.carbis_alerts.api.pbx import messages_in
from custom_components.carbis_alerts.api.texts import whole
from scripts.fuzzing.beside import READERS, SERVICES, _written, corpus

HALVES = st.text(
    st.one_of(
        st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, categories=["Cs"]),
        st.sampled_from('aя😀"\\'),
    ),
    min_size=1,
)
MARK = "\ue000"
WAYS: dict[str, Callable[[str], bytes]] = {
    "escaped": lambda text: text.encode("ascii", "backslashreplace"),
    "bytes": lambda text: text.encode("utf-8", "surrogatepass"),
    "utf-16": lambda text: text.encode("utf-16", "surrogatepass"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-be", "surrogatepass"),
    "utf-32": lambda text: text.encode("utf-32-le", "surrogatepass"),
}


def marked(value: Any) -> Any:
    """Return an object whose texts all have a mark, but those that say what it is."""
    if isinstance(value, dict):
        return {
            key: marked(item) if key not in KEPT else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [marked(item) for item in value]
    return value + MARK if isinstance(value, str) else value


KEPT = ("event_type", "typeWebhook", "typeMessage", "receiptId", "date")


@settings(deadline=None)
@given(st.sampled_from(SERVICES), st.sampled_from(sorted(WAYS)), st.data(), HALVES)
def test_no_parser_hands_on_half_a_character(
    service: str, way: str, data: st.DataObject, halves: str
) -> None:
    item = data.draw(st.sampled_from(corpus(service)))
    escaped = json.dumps(halves, ensure_ascii=way == "escaped")[1:-1]
    raw = WAYS[way](_written(service, [marked(item)]).decode().replace(MARK, escaped))
    found = READERS[service](raw, None)
    assert found
    # It raises for half a character, in keys too.
    assert orjson.dumps(found, default=str)


@given(HALVES)
def test_forms_and_lists_of_a_hook_have_none(halves: str) -> None:
    message = {"event_type": "incoming_sms", "payload": {"text": halves, halves: 1}}
    for document in (message, [message, message]):
        for part in messages_in(json.dumps(document).encode()):
            assert orjson.dumps(read_json(part))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Столик 😀", "Столик 😀"),
        ("\ud83d", "\ufffd"),
        ("a\ude00\ud83db", "a\ufffd\ufffdb"),
        ("\ud83d\ude00", "😀"),
    ],
)
def test_a_text_without_halves(text: str, expected: str) -> None:
    assert whole(text) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_whole_can_be_written_and_stays(text: str) -> None:
    assert whole(text).encode() is not None
    assert whole(whole(text)) == whole(text)
