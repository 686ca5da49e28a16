"""The written review: each of its claims names a test, and each of these exists."""

import ast
from pathlib import Path
import re

import pytest

PAGES = (Path("docs/security.md"), Path("docs/ru/security.md"))
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_test_that_the_review_names_exists(page: Path) -> None:
    named = NAMED.findall(page.read_text("utf-8"))
    assert len(named) >= 30
    assert [
        f"{path}::{name}"
        for path, name in named
        if not Path(path).exists() or name not in functions_of(Path(path))
    ] == []


def test_every_claim_of_the_review_names_a_test() -> None:
    for page in PAGES:
        _, _, claims = page.read_text("utf-8").partition("<!-- claims -->")
        claims, _, _ = claims.partition("<!-- /claims -->")
        rows = [row for row in claims.splitlines() if row.startswith("| ")]
        rows = [row for row in rows if set(row) - set("|- ") and "`tests/" not in row]
        # What is left are the heads of the tables.
        heads = claims.count("| --- |")
        assert len(rows) == heads, rows


def test_both_languages_make_the_same_claims() -> None:
    one, other = (NAMED.findall(page.read_text("utf-8")) for page in PAGES)
    assert one == other
