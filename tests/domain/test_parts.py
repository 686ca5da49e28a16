"""Long texts in parts: whole, in order, and ended where a person would end them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.parts import length, parts_of

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
FLAG = "\U0001f1f7\U0001f1fa"


def test_what_fits_stays_as_it_is() -> None:
    text = "  Есть столик?\n\n"
    assert list(parts_of(text, len(text))) == [text]


def test_a_part_ends_at_a_sentence() -> None:
    text = "Ждём вас в 19:00. Столик 12.5 у окна! Хорошо?» Да."
    assert list(parts_of(text, 40)) == [
        "Ждём вас в 19:00. Столик 12.5 у окна!",
        "Хорошо?» Да.",
    ]


def test_a_line_ends_a_part_too() -> None:
    assert list(parts_of("суп\nборщ\nхлеб и масло", 13)) == [
        "суп\nборщ",
        "хлеб и масло",
    ]


def test_without_a_sentence_it_ends_between_words() -> None:
    assert list(parts_of("раз два три четыре", 13)) == ["раз два три", "четыре"]


def test_a_sentence_that_would_fill_less_than_half_does_not_count() -> None:
    assert list(parts_of("Да. aaaa bbbb cccc", 12)) == ["Да. aaaa", "bbbb cccc"]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert list(parts_of("a" * 25, 10)) == ["a" * 10, "a" * 10, "a" * 5]


@pytest.mark.parametrize("sign", [FAMILY, FLAG, "e\N{COMBINING ACUTE ACCENT}", "👍🏽"])
def test_a_sign_of_several_characters_stays_whole(sign: str) -> None:
    parts = list(parts_of(sign * 40, 33))
    assert "".join(parts) == sign * 40
    assert all(part == sign * (len(part) // len(sign)) for part in parts)


@given(
    st.text(st.characters() | st.sampled_from(" .!\n…👍"), max_size=400),
    st.integers(min_value=2, max_value=60),
)
def test_nothing_is_lost_and_nothing_is_too_long(text: str, most: int) -> None:
    parts = list(parts_of(text, most))
    assert all(length(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    if length(text) > most:
        assert all(part.strip() for part in parts)


def test_a_long_text_is_split_in_few_parts() -> None:
    text = "Слово и ещё одно. " * 20_000
    assert sum(1 for _ in parts_of(text, 4_000)) < 100
