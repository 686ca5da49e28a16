"""The law of names: what a person sees and says."""

import pytest

from custom_components.carbis_alerts.domain.names import Names, folded

ENGLISH = Names(
    {
        "table": "Table {name}",
        "extension": "Extension {name}",
        "chat": "Chat {name}",
        "group": "Group",
        "hidden_number": "Hidden number",
        "no_table": "No table",
        "qr_menu": "QR menu {host}",
    }
)
RUSSIAN = Names({"table": "Столик {name}", "no_table": "Без столика"})


@pytest.mark.parametrize(
    ("bare", "name"),
    [
        ("6", "Столик 6"),
        ("6A", "Столик 6A"),
        ("А", "Столик А"),
        ("T-6", "Столик T-6"),
        ("№ 6", "Столик № 6"),
        ("🍷", "Столик 🍷"),
        ("7{0}", "Столик 7{0}"),
        ("{name}", "{name}"),
        ("и\N{COMBINING BREVE}", "Столик и\N{COMBINING BREVE}"),
        ("Бар", "Бар"),
        ("VIP-2", "VIP-2"),
        ("Стол 5", "Стол 5"),
        ("Table 5", "Table 5"),
        ("Терраса 😀", "Терраса 😀"),
        (" 6\n", "Столик 6"),
        ("", "Без столика"),
        (" ", "Без столика"),
        (None, "Без столика"),
    ],
)
def test_a_bare_number_gets_its_word_and_a_name_stays(
    bare: str | None, name: str
) -> None:
    assert RUSSIAN.of("table", bare) == name
    assert RUSSIAN.of("table", name) == name


@pytest.mark.parametrize(
    ("kind", "bare", "id_", "name"),
    [
        ("extension", "107", None, "Extension 107"),
        ("extension", "Kitchen", None, "Kitchen"),
        ("caller", "Anna", None, "Anna"),
        ("caller", "+79821234567", None, "+7 982 123-45-67"),
        ("caller", "8 (982) 123-45-67", None, "+7 982 123-45-67"),
        ("caller", "+7 982 123-45-67", None, "+7 982 123-45-67"),
        ("caller", "+493012345678", None, "+49 301 2345678"),
        ("caller", "112", None, "112"),
        ("caller", None, None, "Hidden number"),
        ("caller", "79821234567@c.us", None, "+7 982 123-45-67"),
        ("chat", "Anna", "79821234567@c.us", "Anna"),
        ("chat", "79821234567", "79821234567@c.us", "+7 982 123-45-67"),
        ("chat", "", "79821234567@c.us", "+7 982 123-45-67"),
        ("chat", "155508384251501", "155508384251501@lid", "Hidden number"),
        ("chat", None, "120363021234567890@g.us", "Group"),
        ("chat", "10000000", "10000000", "Chat 10000000"),
        ("chat", None, "-10000000000000", "Group"),
        ("chat", None, None, "Hidden number"),
    ],
)
def test_callers_and_chats_have_names_or_words(
    kind: str, bare: str | None, id_: str | None, name: str
) -> None:
    assert ENGLISH.of(kind, bare, id_) == name


def test_a_title_is_bare_and_never_empty() -> None:
    assert ENGLISH.title("table", "6") == "6"
    assert ENGLISH.title("table", "") == "No table"
    assert ENGLISH.title("caller", "") == "Hidden number"
    assert ENGLISH.title("caller", "+79821234567") == "+79821234567"
    assert ENGLISH.title("chat", "1555083842515", "1555083842515@lid") == (
        "Hidden number"
    )


def test_a_hub_has_its_service_and_its_host() -> None:
    assert ENGLISH.hub("qr_menu", "192.168.1.10") == "QR menu 192.168.1.10"


def test_without_any_words_no_internal_word_is_shown() -> None:
    bare = Names({})
    assert bare.of("table", "6") == "6"
    assert bare.of("table", None) == bare.of("caller", None) == "—"


TABLES = {
    "a": "6",
    "b": "VIP-2",
    "c": "Бар",
    "d": "Стол 5",
    "e": "Table 7",
    "f": "Ёлка",
}


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("6", "a"),
        ("table 6", "a"),
        ("Столик 6", "a"),
        ("стол 6.", "a"),
        ("№6", "a"),
        ("vip-2", "b"),
        ("Vip 2", "b"),
        ("table vip 2", "b"),
        ("бар", "c"),
        ("«БАР»", "c"),
        ("столик бар", "c"),
        ("5", "d"),
        ("столик 5", "d"),
        ("7", "e"),
        ("СТОЛ 7", "e"),
        ("елка", "f"),
    ],
)
def test_a_table_is_found_as_it_is_said(said: str, key: str) -> None:
    for names in (ENGLISH, RUSSIAN, Names({})):
        assert names.find(said, [TABLES]) == [key]


def test_what_is_closest_counts_and_what_is_unlike_is_not_found() -> None:
    assert ENGLISH.find("вип", [{"a": "Вип", "b": "вип"}]) == ["b"]
    assert ENGLISH.find("ВИП", [{"a": "Вип", "b": "вип"}]) == ["a", "b"]
    # A name before an id before what people call it.
    assert ENGLISH.find("6", [{"a": "5", "b": "6"}, {"a": "6", "b": "7"}]) == ["b"]
    for said in ("", " ", "table", "buy milk", "66", "…"):
        assert ENGLISH.find(said, [TABLES]) == []


def test_folding_leaves_the_letters() -> None:
    assert folded("  «СТОЛИК  Ё-6»! ") == "столик е-6"
