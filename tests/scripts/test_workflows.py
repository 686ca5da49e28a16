"""What GitHub reads: an action that is not pinned, a form that asks too little, is told."""

from pathlib import Path

import pytest

from scripts.check import problems

from .sound import FORM, Edit, replaced_in_root

CI = ".github/workflows/ci.yml"
BUG = ".github/ISSUE_TEMPLATE/1_bug.yml"


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            replaced_in_root(CI, "@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "@v6"),
            f"{CI}: actions/checkout@v6 is not pinned to a commit",
            id="tag",
        ),
        pytest.param(
            replaced_in_root(CI, " # v6.0.2", ""),
            f"{CI}: a pinned action has no word on its version",
            id="pin without a word",
        ),
        pytest.param(
            replaced_in_root(CI, "permissions:\n  contents: read\n", ""),
            f"{CI}: no permissions are named",
            id="permissions",
        ),
        pytest.param(
            replaced_in_root(CI, "    timeout-minutes: 5\n", ""),
            f"{CI}: the job lint has no limit of time",
            id="limit of time",
        ),
        pytest.param(
            replaced_in_root(CI, "jobs:", "jobs: ["),
            f"{CI}: while parsing",
            id="broken YAML",
        ),
        pytest.param(
            replaced_in_root(BUG, "description: Something does not work.\n", ""),
            f"{BUG}: description is missing",
            id="form without a description",
        ),
        pytest.param(
            replaced_in_root(BUG, "name: Bug", "name: Bug\nabout: Bugs"),
            f"{BUG}: about is not a key of a form",
            id="unknown key",
        ),
        pytest.param(
            replaced_in_root(BUG, "type: textarea", "type: text"),
            f"{BUG}: field 3 has the type 'text'",
            id="unknown type",
        ),
        pytest.param(
            replaced_in_root(BUG, "      label: Diagnostics\n", "      x: y\n"),
            f"{BUG}: field 3 has no label",
            id="label",
        ),
        pytest.param(
            replaced_in_root(BUG, "      options: [bell]\n", ""),
            f"{BUG}: field 2 has no options",
            id="options",
        ),
        pytest.param(
            replaced_in_root(BUG, "      value: Hello\n", "      x: y\n"),
            f"{BUG}: field 1 has no value",
            id="text",
        ),
        pytest.param(
            replaced_in_root(BUG, "id: service", "id: diagnostics"),
            f"{BUG}: the id diagnostics comes twice",
            id="id twice",
        ),
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
        pytest.param(
            replaced_in_root("hacs.json", '"name"', '"zip_release": true, "name"'),
            "hacs.json: zip_release and filename go together",
            id="zip without a name",
        ),
    ],
)
def test_what_github_would_refuse_is_a_problem(
    checkout: Path, edit: Edit, problem: str
) -> None:
    edit(checkout)
    found = problems(checkout)
    assert [line for line in found if problem in line], found


def test_form_without_its_twin_is_a_problem(checkout: Path) -> None:
    (checkout / ".github/ISSUE_TEMPLATE/3_idea.yml").write_text(FORM, "utf-8")
    assert [line for line in problems(checkout) if "idea is not the same" in line]
