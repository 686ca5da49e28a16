"""Telephone numbers, in every form that a PBX and a person write them in."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.numbers import normalised, number_of


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


@given(st.from_regex(r"7[3489][0-9]{9}", fullmatch=True))
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
    assert number_of(number).has_at_most(5) is expected


@pytest.mark.parametrize(
    ("text", "shown", "digits"),
    [
        ("sip:+79820000001@10.0.0.1", "+79820000001", "79820000001"),
        ('"Anna" <sip:100@10.0.0.2>', "100", "100"),
        ('"Anna 5" <sips:107@pbx:5061;transport=tls>;tag=as3f', "107", "107"),
        ("<sip:107@pbx", "107", "107"),
        ("SIP:%2B79820000001;npdi@10.0.0.1;user=phone", "+79820000001", "79820000001"),
        ("sip:107:5060", "107", "107"),
        ("107@10.0.0.1:5060", "107", "107"),
        ("tel:+7-982-000-00-01;ext=12", "+7-982-000-00-01", "79820000001"),
        ("tel:107;phone-context=pbx10.local", "107", "107"),
        ("Anna <100>", "100", "100"),
        ('"+79820000001" <>', "+79820000001", "79820000001"),
        ("+7 495 000-00-01 доб. 12", "+7 495 000-00-01", "74950000001"),
        ("79000000001@c.us", "79000000001", "79000000001"),
        ("155508384251501@lid", "155508384251501", "155508384251501"),
        ("112", "112", "112"),
        ("٨ ٩٨٢ 000 00 01", "٨ ٩٨٢ 000 00 01", "79820000001"),
        # Names, whose digits are no number.
        ("anna@10.0.0.1", "anna", None),
        ("user@host1", "user", None),
        ("gsm1@10.0.0.1", "gsm1", None),
        ("reception", "reception", None),
        ("<img src=x onerror=alert()>", "<img src=x onerror=alert()>", None),
    ],
)
def test_of_an_address_the_user_is_the_number_and_the_host_never(
    text: str, shown: str, digits: str | None
) -> None:
    number = number_of(text)
    assert (number.shown, number.digits) == (shown, digits)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "-", "+", "00", "xxxxxxx", "-1", "-2", "0000000000"),
        *("anonymous", "Anonymous", "UNKNOWN", "restricted", "private", "withheld"),
        *("unavailable", "Private Number", "Caller ID blocked", "Out of area", "null"),
        *("N/A", "n/a", "not provided", "номер не распознан", "Номер не передан"),
        *("noname", "nobody", "неизв.", "закрыт", "Numéro masqué", "Número oculto"),
        *("anonymous@anonymous.invalid", "sip:unknown@10.0.0.1", "sip:@10.0.0.1"),
        *('"Anonymous" <sip:c8oqz@privacy.example>;tag=1', "<sip:c8@unknown.invalid>"),
        *("Номер скрыт", "скрытый номер", "неизвестно", "Неизвестный абонент"),
        *("номер не определён", "АНОНИМ", "без номера"),
        *(
            "sip:10.0.0.1",
            "sip:10.0.0.1:5060",
            "10.0.0.1",
            "sip:pbx1.example",
            "sip:[::1]",
        ),
    ],
)
def test_an_unknown_number_is_unknown_in_every_spelling(text: str | None) -> None:
    number = number_of(text)
    assert (number.shown, number.digits, number.is_unknown) == (None, None, True)


SPELLINGS = st.lists(
    st.sampled_from(
        [*"0123456789+-() .;:@<>\"'%", "sip:", "tel:", "anna", "10.0.0.1", "доб. ", "x"]
    ),
    max_size=15,
).map("".join)


@given(st.text(max_size=30) | SPELLINGS)
def test_what_is_shown_is_the_same_number(text: str) -> None:
    number = number_of(text)
    assert number_of(number.shown).digits == number.digits
    assert number.digits is None or (number.digits.isascii() and number.digits)


@given(
    st.from_regex(r"\+?[1-9][0-9]{1,12}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,9}(\.[a-z0-9]{1,9}){0,3}(:[0-9]{1,5})?", fullmatch=True),
)
def test_a_host_changes_no_number(user: str, host: str) -> None:
    for text in (f"sip:{user}@{host}", f'"Anna 7" <sips:{user}@{host};x=1>;tag=9'):
        assert number_of(text) == number_of(user)
