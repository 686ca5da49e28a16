"""A word that the glossary replaces is a problem wherever it stands."""

from pathlib import Path

import pytest

from scripts import glossary
from scripts.check import problems
from scripts.checkout import COMPONENT, Checkout
from scripts.glossary import GLOSSARY, name_words, replaced_words, text_words

TABLE = """# Glossary

| word | in Russian | here | not | not as a name |
| --- | --- | --- | --- | --- |
| ring | звонить | make a sound | `tinkle` | `dong` |
"""


@pytest.fixture
def worded(checkout: Path) -> Path:
    """Return a sound checkout whose glossary replaces two words."""
    link = "\n[{}]({})\n"
    (checkout / GLOSSARY).write_text(
        TABLE + link.format("Русский", "ru/glossary.md"), "utf-8"
    )
    (checkout / "docs/ru/glossary.md").write_text(
        TABLE + link.format("English", "../glossary.md"), "utf-8"
    )
    assert problems(checkout) == []
    return checkout


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        (COMPONENT / "sensor.py", "# They tinkle.", "tinkle"),
        (COMPONENT / "sensor.py", "def tinkle_now(): ...", "tinkle"),
        (COMPONENT / "sensor.py", "class BellTinkle: ...", "tinkle"),
        (COMPONENT / "sensor.py", "DING_DONG = 1", "dong"),
        (COMPONENT / "dong.py", "BELL = 1", "dong"),
        (COMPONENT / "sensor.py", 'def ring():\n    """Tinkle."""', "tinkle"),
        (Path("docs/actions.md"), "Tinkle.", "tinkle"),
    ],
)
def test_a_replaced_word_is_a_problem(
    worded: Path, name: Path, text: str, word: str
) -> None:
    with (worded / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    (problem,) = problems(worded)
    assert problem.startswith(name.as_posix())
    assert problem.endswith(f"{word!r} has another word in {GLOSSARY}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (COMPONENT / "sensor.py", "# Dong."),
        (COMPONENT / "sensor.py", 'KEY = "tinkle"'),
        (COMPONENT / "sensor.py", "# The key is `tinkle`."),
        (Path("CHANGELOG.md"), "Tinkle."),
    ],
)
def test_text_names_keys_and_history_are_free(
    worded: Path, name: Path, text: str
) -> None:
    with (worded / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    assert problems(worded) == []


def test_a_name_that_users_rely_on_stays_but_not_in_texts(
    worded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glossary, "FIXED_NAMES", frozenset({"tinkle"}))
    with (worded / COMPONENT / "sensor.py").open("a", encoding="utf-8") as file:
        file.write("\ndef tinkle(): ...\n")
        file.flush()
        assert problems(worded) == []
        file.write("# They tinkle.\n")
    (problem,) = problems(worded)
    assert problem.endswith(f"'tinkle' has another word in {GLOSSARY}")


def test_names_and_texts_are_taken_apart() -> None:
    assert name_words("_async_tellFull_HTTPServer2") == {
        "async",
        "tell",
        "full",
        "http",
        "server",
    }
    assert text_words("Told `whereabouts`, снова") == {"told", "снова"}


def test_the_projects_own_glossary_is_read() -> None:
    words, names = replaced_words(Checkout(Path(__file__).parents[2]))
    assert {"told", "house"} <= words
    assert {"place", "gap"} <= names
