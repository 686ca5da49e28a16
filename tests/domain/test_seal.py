"""Seals: what comes back is what went out, for its purpose and in its own name."""

from hypothesis import given, strategies as st
import pytest

from custom_components.carbis_alerts.domain.seal import Seal, new_secret

SEAL = Seal(new_secret())
FIELDS = ["coming", "01M8|04%7C", "", "Столик 6", "7982@c.us"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_what_was_sealed_is_opened(fields: list[str]) -> None:
    sealed = SEAL.seal("phone", fields, bound="anna")
    assert SEAL.open("phone", sealed, bound="anna") == fields


@pytest.mark.parametrize(
    ("seal", "purpose", "bound"),
    [
        (SEAL, "phone", "boris"),
        (SEAL, "telegram", "anna"),
        (SEAL, "phone|anna", ""),
        (Seal(new_secret()), "phone", "anna"),
    ],
)
def test_it_is_one_purposes_and_one_persons(
    seal: Seal, purpose: str, bound: str
) -> None:
    sealed = SEAL.seal("phone", FIELDS, bound="anna")
    assert seal.open(purpose, sealed, bound=bound) is None


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_one_sign_more_or_less_breaks_it(at: int) -> None:
    sealed = SEAL.seal("phone", FIELDS, bound="anna")
    for other in (
        sealed[:at] + sealed[at + 1 :],
        f"{sealed[:at]}0{sealed[at:]}",
        f"{sealed[:at]}|{sealed[at:]}",
    ):
        assert SEAL.open("phone", other, bound="anna") is None


@given(st.text(st.characters(exclude_categories=[])), st.text())
def test_whatever_comes_is_no_error(text: str, bound: str) -> None:
    assert SEAL.open("phone", text, bound=bound) is None
