"""Recordings: nothing of anybody in them, and all of the form."""

from datetime import UTC, datetime
import json
import re
from typing import Any

from hypothesis import given, settings, strategies as st
import orjson
import pytest

from custom_components.carbis_alerts.api.json import read_json
from custom_components.carbis_alerts.api.recorder import Exchange, Kind
from custom_components.carbis_alerts.domain.recording import Pseudonyms, recorded
from custom_components.carbis_alerts.domain.recording.bodies import body
from custom_components.carbis_alerts.domain.recording.known import VALUES
from scripts.fuzzing.beside import READERS, SERVICES, _written, corpus

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
NAMES = Pseudonyms(b"a key of a recording", NOW)
# Names and texts that are long enough not to come about by chance.
TEXTS = st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=7)
NUMBERS = st.from_regex(r"(\+7|8|7)9[0-9]{9}", fullmatch=True)
WORD = re.compile(r"[^\W_]{7,}")


def kept(raw: bytes, **more: Any) -> str:
    """Return all that a recording has of a body."""
    exchange = Exchange(kind=Kind.HOOK, body=raw, **more)
    return json.dumps(recorded(exchange, NAMES, (), 0.0), ensure_ascii=False)


@given(TEXTS, NUMBERS, st.booleans(), st.booleans())
def test_no_name_number_or_text_is_in_it(
    text: str, number: str, escaped: bool, broken: bool
) -> None:
    words = [
        word
        for word in WORD.findall(text)
        # Words that the services themselves know stay, and parts of them.
        if word.lower() != word.upper()
        and not any(word.lower() in value for value in VALUES)
    ]
    message = {
        "event_type": "incoming_sms",
        "payload": {
            "sms_src": number,
            "text": f"{text}, {number}",
            f"{text} 2": 1,
            "n": [text],
        },
    }
    raw = json.dumps(message, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    made = kept(raw[:-1] if broken else raw)
    found = made + made.encode().decode("unicode_escape", "replace")
    assert [word for word in words if word in made or word in found] == []
    assert not number[-9:].strip("0") or number[-9:] not in made
    assert "incoming_sms" in made


@pytest.mark.parametrize("service", SERVICES)
def test_no_value_of_the_corpus_is_in_it_but_codes(service: str) -> None:
    for item in corpus(service):
        raw = _written(service, [item])
        made = json.loads(kept(raw))["body"]
        for word in re.findall(r"[^\W_]{5,}", " ".join(_values(item))):
            assert word not in made, (word, made)
        READERS[service](raw, None)


def _values(value: Any, key: str = "") -> list[str]:
    """Return the texts and numbers of an object but those of codes."""
    if isinstance(value, dict):
        return [found for key in value for found in _values(value[key], key)]
    if isinstance(value, list):
        return [found for item in value for found in _values(item, key)]
    codes = {"code", "event_type", "type", "status", "mimeType", "direction"}
    if (
        value is None
        or isinstance(value, bool)
        or key in codes
        or key.startswith("type")
    ):
        return []
    text = str(value)
    known = {"anonymous", "authorized", "statusInstance", "stateInstance", "online"}
    # Zeros, schemes and the ends of chat ids say nothing of anybody.
    return [] if text in known else [re.sub(r"https?://|0{4,}|@c\.us", " ", text)]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_whatever_comes_has_a_form_that_can_be_kept(raw: bytes) -> None:
    made = body(raw, NAMES)
    assert body(raw, NAMES) == made
    assert json.loads(kept(raw))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("+7 (982) 123-45-67", r"\+7 \(9\d\d\) \d{3}-\d\d-\d\d"),
        ("79821234567@c.us", r"79\d{9}@c\.us"),
        ("sip:+79821234567@10.0.0.1", r"sip:\+79\d{9}@\d\d\.0\.0\.\d"),
        ("Анна", r"[А-ЯЁ][а-яё]{3}"),
        ("VIP-2", r"[A-Z]{3}-\d"),
        ("0xd8833dd3", r"0x[a-f]\d{4}[a-f]{2}\d"),
        ("2026-11-28 10:00:07", r"2002-01-01 00:00:07"),
        ("1985-04-12", r"19\d\d-\d\d-\d\d"),
        ("0000-00-00 00:00:00", r"0000-00-00 00:00:00"),
        ("2026-02-30", r"2026-02-30"),
        (str(int(NOW.timestamp()) + 5), r"1009843205"),
        ("007", r"00\d"),
        ("да\u200e \u202e\x11👍🏽", r"[а-яё]{2}\u200e \u202e\x11[^👍]🏽"),
    ],
)
def test_the_form_stays(text: str, form: str) -> None:
    made = NAMES.text(text)
    assert re.fullmatch(
        form, made.lstrip("0") if made.isdecimal() and len(text) > 9 else made
    )


def test_a_number_is_the_same_in_any_spelling_and_two_are_two() -> None:
    spelt = ["+7 982 123-45-67", "8 (982) 1234567", "79821234567@c.us", "9821234567"]
    tails = {re.sub(r"\D", "", NAMES.text(one))[-10:] for one in spelt}
    assert len(tails) == 1
    assert len({NAMES.text(f"7982123{n:04}") for n in range(500)}) == 500
    assert len({NAMES.text(str(n)) for n in range(1000)}) == 1000
    assert NAMES.text("Анна") != Pseudonyms(b"another", NOW).text("Анна")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": "\\ud83d x", "n": NaN,}',
        b'\xef\xbb\xbf{"text": "a\x11b\tc\\u12"}\0',
        '{"text": "Столик"}'.encode("cp1251"),
        '{"text": "Столик \ud83d"}'.encode("utf-16", "surrogatepass"),
        b'{"text": "\xed\xa0\xbd \xff"',
        b"data=%7B%22text%22%3A%22abc%22%7D",
    ],
)
def test_what_makes_a_body_odd_stays(raw: bytes) -> None:
    made = body(raw, NAMES)
    assert (b"=" in raw[:8]) or len(made) == len(raw)
    try:
        document: Any = read_json(raw)
    except ValueError:
        with pytest.raises(ValueError, match=r"JSON|text|expected|Expecting|line"):
            read_json(made)
        return
    again: Any = read_json(made)
    assert again.keys() == document.keys()
    assert again["text"].count("\ufffd") == document["text"].count("\ufffd")
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(made)


def test_a_request_names_no_token_instance_or_receipt() -> None:
    exchange = Exchange(
        kind=Kind.REQUEST,
        method="GET",
        path="waInstance1101000001/receiveNotification/d75b3a66374942c5",
        query={"receiveTimeout": "20", "hash": "none"},
        sent=b'{"hook": "https://site.example/api/webhook/1234567890abcdef"}',
        status=400,
        content_type="application/json; charset=utf-8",
        body=b'{"message": "Instance account is expired, Anna"}',
        error="RequestRefused",
    )
    made = recorded(exchange, NAMES, ("secret",), exchange.began)
    assert made["path"] == "/*/receiveNotification/*"
    assert made["query"] == {"receiveTimeout": "20", "hash": "none"}
    assert re.fullmatch(
        r'\{"message": "Instance account is expired, (?!Anna)\w{4}"\}', made["body"]
    )
    assert (made["status"], made["error"]) == (400, "RequestRefused")
    text = json.dumps(made)
    assert [
        one for one in ("110100", "d75b", "site", "1234567890") if one in text
    ] == []


def test_a_secret_that_slipped_through_is_hidden() -> None:
    exchange = Exchange(kind=Kind.HOOK, body=b'{"code": "topsecret"}')
    made = recorded(exchange, NAMES, ("topsecret", "abc"), 0.0)
    assert made["body"] == '{"code": "*********"}'


def test_a_long_answer_keeps_the_beginning_of_its_lists() -> None:
    updates = [{"hash": f"0x{n:08x}", "code": "waiter_call"} for n in range(2_000)]
    raw = orjson.dumps({"result": True, "data": {"updates": updates}})
    made = json.loads(kept(raw))
    assert made["body_size"] == len(raw)
    assert len(made["body"]) <= 12 * 1024
    assert json.loads(made["body"])["data"]["updates"][0]["code"] == "waiter_call"
