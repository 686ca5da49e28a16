"""The documents: a page that goes astray from its twin, or leads nowhere, is reported."""

from pathlib import Path

from homeassistant.util import slugify
import pytest

from scripts.check import problems
from scripts.checkout import Checkout
from scripts.documents import Page, russian_ids
from scripts.rules import DEVELOPERS_PAGES, RUSSIAN_IDS

from .sound import Edit, replaced, replaced_in_root

ROOT = Path(__file__).parents[2]


def removed(name: str) -> Edit:
    """Return an edit that removes a file of the root."""

    def edit(root: Path) -> None:
        (root / name).unlink()

    return edit


def added(name: str, text: str) -> Edit:
    """Return an edit that adds text to a file of the root."""

    def edit(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            removed("docs/ru/conditions.md"),
            "docs/ru/conditions.md: the page is missing in this language",
            id="no Russian page",
        ),
        pytest.param(
            removed("docs/conditions.md"),
            "docs/conditions.md: the page is missing in this language",
            id="no English page",
        ),
        pytest.param(
            removed("README.ru.md"),
            "README.ru.md: the page is missing in this language",
            id="no Russian README",
        ),
        pytest.param(
            replaced_in_root("docs/triggers.md", "[Русский](ru/triggers.md)", ""),
            "docs/triggers.md: no link to ru/triggers.md",
            id="no way to the other language",
        ),
        pytest.param(
            added("docs/actions.md", "\n## More\n"),
            "docs/ru/actions.md: the headings are not built as in English",
            id="heading in one language",
        ),
        pytest.param(
            replaced_in_root("docs/ru/repairs.md", "## Потеряно", "### Потеряно"),
            "docs/ru/repairs.md: the headings are not built as in English",
            id="heading of another level",
        ),
        pytest.param(
            added("docs/actions.md", "| more | |\n"),
            "docs/ru/actions.md: the tables have 3 rows, 4 in English",
            id="row in one language",
        ),
        pytest.param(
            added("docs/conditions.md", "`kind`\n"),
            "docs/ru/conditions.md: `kind` of the English page is missing",
            id="name in English only",
        ),
        pytest.param(
            added("docs/ru/conditions.md", "`kind`\n"),
            "docs/ru/conditions.md: `kind` is not on the English page",
            id="name in Russian only",
        ),
        pytest.param(
            replaced_in_root("docs/ru/triggers.md", "alias:", "aliases:"),
            "docs/ru/triggers.md: block of code 1 is not that of the English page",
            id="another key",
        ),
        pytest.param(
            replaced_in_root("docs/ru/triggers.md", "stolik_6", "table_6"),
            "docs/ru/triggers.md: block of code 1 is not that of the English page",
            id="an entity of an English site",
        ),
        pytest.param(
            replaced_in_root("docs/ru/triggers.md", "ats_state", "ats_caller"),
            "docs/ru/triggers.md: block of code 2 is not that of the English page",
            id="another text that is no YAML",
        ),
        pytest.param(
            replaced_in_root("docs/ru/triggers.md", "alias: Звонит", "alias: ["),
            "docs/ru/triggers.md: block of code 1 is not that of the English page",
            id="YAML that is broken",
        ),
        pytest.param(
            added("docs/triggers.md", "```sh\nls\n```\n"),
            "docs/ru/triggers.md: 2 blocks of code, 3 in English",
            id="block in one language",
        ),
        pytest.param(
            replaced_in_root("README.md", "(LICENSE)", "(LICENCE)"),
            "README.md: the link to LICENCE leads nowhere",
            id="link to no file",
        ),
        pytest.param(
            replaced_in_root("docs/ru/repairs.md", "(#проблемы)", "(#repairs)"),
            "docs/ru/repairs.md: #repairs is no heading",
            id="link to no heading",
        ),
        pytest.param(
            replaced_in_root("docs/actions.md", "carbis_alerts.ring", "ring"),
            "docs/actions.md: `carbis_alerts.ring` has no place",
            id="action without a place",
        ),
        pytest.param(
            replaced_in_root("docs/conditions.md", "ready", "steady"),
            "docs/conditions.md: `ready` has no place",
            id="condition without a place",
        ),
        pytest.param(
            replaced_in_root("docs/triggers.md", "`rung`", "rung"),
            "docs/triggers.md: `rung` has no place",
            id="trigger without a place",
        ),
        pytest.param(
            replaced_in_root("docs/entities.md", "sensor.phase", "sensor.face"),
            "docs/entities.md: `sensor.phase` has no place",
            id="entity without a place",
        ),
        pytest.param(
            replaced(
                "translations/en.json",
                '"entity": {',
                '"options": {"step": '
                '{"init": {"data": {"pause": "P"}}}}, "entity": {"event": {"bell": '
                '{"name": "Bell", "state_attributes": {"tone": {"name": "Tone"}}}}, ',
            ),
            "docs/options.md: `pause` has no place",
            id="option without a place",
        ),
        pytest.param(
            replaced(
                "translations/en.json",
                '"entity": {',
                '"entity": {"event": '
                '{"bell": {"name": "Bell", "state_attributes": {"tone": {"name": "T"}}}}, ',
            ),
            "docs/events.md: `tone` has no place",
            id="field of an event without a place",
        ),
        pytest.param(
            replaced_in_root("docs/repairs.md", "## Lost", "## Found"),
            "docs/repairs.md: lost has no heading",
            id="repair without a place",
        ),
        pytest.param(
            removed("docs/blueprints/bell.md"),
            "docs/blueprints/bell.md: the blueprint has no page",
            id="blueprint without a page",
        ),
    ],
)
def test_page_that_goes_astray_is_a_problem(
    checkout: Path, edit: Edit, problem: str
) -> None:
    edit(checkout)
    found = problems(checkout)
    assert [line for line in found if problem in line], found


def test_developers_pages_are_in_english_only(checkout: Path) -> None:
    for name in DEVELOPERS_PAGES:
        (checkout / "docs" / name).write_text("# Page\n", "utf-8")
    assert problems(checkout) == []


def test_code_is_no_heading_and_holds_no_link(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# One\n```sh\n# two\n[x](gone)\n```\n`[y](gone)` [z](#one)\n")
    page = Page(file)
    assert page.headings == [(1, "One")]
    assert page.links == [("", "one")]
    assert page.fences == [("sh", "# two\n[x](gone)")]


def test_headings_of_one_name_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# A `b` — c\n## Same\n## Same\n## [Link](there)\n")
    assert Page(file).anchors == {"a-b--c", "same", "same-1", "link"}


def test_entity_ids_are_those_of_a_russian_site() -> None:
    words = Checkout(ROOT).translation("ru")["device"]
    assert isinstance(words, dict)
    for device, beginning in RUSSIAN_IDS.items():
        name = str(words[device]["name"]).format(name="6", host="6")
        assert slugify(name) == f"{beginning}_6"
    assert russian_ids("sensor.table_6_bill") == "sensor.stolik_6_bill"
    assert russian_ids("trigger.event.table_name") == "trigger.event.table_name"
