"""The forms of issues: one that asks too little, or differs from its twin, is a problem."""

from pathlib import Path

import pytest

from scripts.check import problems

from .sound import FORM, Edit, replaced_in_root

BUG = ".github/ISSUE_TEMPLATE/1_bug.yml"


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            replaced_in_root(BUG, "id: diagnostics", "id: other"),
            f"{BUG}: diagnostics are not asked for",
            id="diagnostics",
        ),
        pytest.param(
            replaced_in_root(BUG, "id: service", "id: kind"),
            "bug is not the same in Russian",
            id="form differs",
        ),
    ],
)
def test_broken_form_is_a_problem(checkout: Path, edit: Edit, problem: str) -> None:
    edit(checkout)
    found = problems(checkout)
    assert [line for line in found if problem in line], found


def test_form_without_its_twin_is_a_problem(checkout: Path) -> None:
    (checkout / ".github/ISSUE_TEMPLATE/3_idea.yml").write_text(FORM, "utf-8")
    assert [line for line in problems(checkout) if "idea is not the same" in line]
