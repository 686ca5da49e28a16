"""Telephone numbers, in every form that a PBX and a person write them in."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.numbers import is_extension, normalised


@pytest.mark.parametrize(
    "number",
    [
        *("+79821234567", "89821234567", "9821234567", "79821234567"),
        *("+7 (982) 123-45-67", "8 982 123 45 67", "8-982-123-45-67", "982 1234567"),
        *("0079821234567", "00 7 982 123-45-67", "tel:+79821234567", " +79821234567 "),
    ],
)
def test_a_russian_number_is_one_in_every_form(number: str) -> None:
    assert normalised(number) == "79821234567"


@pytest.mark.parametrize(
    "local", ["4951234567", "3431234567", "8001234567", "8121234567", "9001234567"]
)
def test_landlines_and_free_numbers_are_russian_too(local: str) -> None:
    assert {normalised(f"{code}{local}") for code in ("+7", "8", "7", "")} == {
        f"7{local}"
    }


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+49 30 1234567", "49301234567"),
        ("0049 30 1234567", "49301234567"),
        ("+375 29 123-45-67", "375291234567"),
        ("+1 212 555 1234", "12125551234"),
        ("2125551234", "2125551234"),
    ],
)
def test_a_foreign_number_is_compared_by_its_digits(number: str, expected: str) -> None:
    assert normalised(number) == expected


@pytest.mark.parametrize(
    "number",
    [
        "+84 91 234 56 78",  # Vietnam: 11 digits that begin with 8
        "+81 3 1234 5678",  # Japan
        "+45 12 34 56 78",  # Denmark: 10 digits
        "+95 1 234 5678",  # Myanmar
    ],
)
def test_a_foreign_number_with_a_country_code_is_taken_for_no_russian_one(
    number: str,
) -> None:
    digits = "".join(filter(str.isdecimal, number))
    assert normalised(number) == digits
    assert normalised(f"00{digits}") == digits


@pytest.mark.parametrize(
    "number", [None, "", " ", "anonymous", "Anonymous", "скрыт", "+", "00", "-"]
)
def test_what_has_no_digits_is_anonymous(number: str | None) -> None:
    assert normalised(number) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [("107", "107"), ("112", "112"), ("0", "0"), ("+798299xxxxx", "798299")],
)
def test_short_and_masked_numbers_stay_what_they_are(
    number: str, expected: str
) -> None:
    assert normalised(number) == expected


@given(st.text(max_size=30))
def test_a_normalised_number_is_digits_or_none(number: str) -> None:
    result = normalised(number)
    assert result is None or result.isdecimal()


@given(st.from_regex(r"7[3489]\d{9}", fullmatch=True))
def test_a_normalised_russian_number_stays_so(number: str) -> None:
    assert normalised(number) == number


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        *((number, True) for number in ("1", "0", "107", "10700")),
        *((number, False) for number in (None, "", "107000", "+107", "10 7", "*107")),
        *((number, False) for number in ("anonymous", "10a", "١٠٧", "²", "-1")),
    ],
)
def test_an_extension_has_at_most_five_digits_and_nothing_else(
    number: str | None, expected: bool
) -> None:
    assert is_extension(number) is expected
