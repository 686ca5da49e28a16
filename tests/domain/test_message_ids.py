"""A message is the same in every spelling, and another where it says anything else."""

from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.pbx import PbxMessage, parse_message
from custom_components.carbis_alerts.domain.message_ids import message_id

CALL: dict[str, Any] = {
    "call_id": 8,
    "call_src": "+79821234567",
    "call_dst": "107",
    "trunk": "GSM1",
}
END: dict[str, Any] = {"call_id": 8, "record_id": 5, "duration": 12, "status": "busy"}
SMS: dict[str, Any] = {
    "sms_src": "+79821234567",
    "text": "Столик на двоих",
    "trunk": "GSM1",
    "date": "2026-03-01T12:00:00",
}
KINDS = {"incoming_call": CALL, "call_end": END, "incoming_sms": SMS, "parked": CALL}


def id_of(body: bytes, charset: str | None = None, startups: int = 0) -> str:
    parsed = parse_message(body, charset)
    assert isinstance(parsed, PbxMessage)
    return message_id(parsed, startups)


def written(event_type: str, payload: dict[str, Any], **more: Any) -> str:
    document = {"device_id": "ours", "event_type": event_type, "payload": payload}
    return id_of(orjson.dumps({**document, **more}))


def spelt(value: Any) -> list[Any]:
    """Return a value in other forms."""
    if isinstance(value, int):
        return [str(value), float(value), f"{value}.0", f" {value} ", f"0{value}"]
    return [f" {value}", f"{value}\t"]


@pytest.mark.parametrize("event_type", KINDS)
@given(data=st.data())
def test_another_spelling_is_the_same_message(
    event_type: str, data: st.DataObject
) -> None:
    payload = KINDS[event_type]
    keys = data.draw(st.permutations([*payload]))
    other = {
        key: data.draw(st.sampled_from([payload[key], *spelt(payload[key])]))
        for key in keys
        # What somebody wrote is taken as it came.
        if key != "text"
    } | ({"text": payload["text"]} if "text" in payload else {})
    document = {"payload": other, "event_type": f" {event_type}", "device_id": "ours "}
    option = data.draw(st.sampled_from([0, orjson.OPT_INDENT_2]))
    assert id_of(orjson.dumps(document, option=option)) == written(event_type, payload)


@pytest.mark.parametrize("event_type", ["incoming_call", "call_end", "incoming_sms"])
def test_a_key_more_is_the_same_message(event_type: str) -> None:
    payload = KINDS[event_type]
    first = written(event_type, payload)
    assert written(event_type, {**payload, "nonce": 1}, nonce=2) == first
    assert written(event_type, {**payload, "answered": None}) == first


def test_a_charset_an_escape_and_the_form_of_a_number_say_nothing() -> None:
    text = orjson.dumps(
        {"device_id": "ours", "event_type": "incoming_sms", "payload": SMS}
    ).decode()
    first = id_of(text.encode())
    assert id_of(text.encode("cp1251"), "windows-1251") == first
    assert id_of(text.encode("utf-16")) == first
    assert id_of(text.replace("С", "\\u0421").encode()) == first
    assert id_of(text.replace("С", "\\u0421".lower()).encode()) == first
    assert id_of(text.replace("+7982", "8982").encode()) == first
    assert id_of(text.replace("T12", " 12").encode()) == first


def test_ids_in_hex_are_one_in_both_cases() -> None:
    first = written("incoming_call", {**CALL, "call_id": "0xAF"})
    assert written("incoming_call", {**CALL, "call_id": "0xaf"}) == first
    assert written("incoming_call", {**CALL, "call_id": "0xae"}) != first


@pytest.mark.parametrize("event_type", KINDS)
def test_whatever_says_something_else_is_another_message(event_type: str) -> None:
    payload = KINDS[event_type]
    said = {written(event_type, payload)}
    for key, value in payload.items():
        said.add(written(event_type, {**payload, key: f"{value}1"}))
        said.add(written(event_type, {**payload, key: None}))
    said.add(written(event_type, payload, device_id="Ours"))
    said.add(written("outgoing_call", payload))
    body = {"device_id": "ours", "event_type": event_type, "payload": payload}
    said.add(id_of(orjson.dumps(body), startups=1))
    assert len(said) == 2 * len(payload) + 4


def test_of_an_unknown_type_every_key_says_something() -> None:
    assert written("parked", {**CALL, "slot": 1}) != written("parked", CALL)
    assert written("parked", {**CALL, "slot": None}) == written("parked", CALL)
