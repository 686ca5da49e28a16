"""Hold the glossary: words that it replaces stand neither in the code nor on pages."""

import ast
from collections.abc import Iterator
import io
from pathlib import Path
import re
import tokenize
from typing import Final

from scripts.checkout import Checkout
from scripts.documents import SPAN, Page

GLOSSARY: Final = "docs/glossary.md"
# The glossary itself, and history.
LEFT_ALONE: Final = frozenset({GLOSSARY, "docs/ru/glossary.md", "CHANGELOG.md"})
FOLDERS: Final = ("benchmarks", "custom_components", "scripts", "simulator", "tests")
WORD: Final = re.compile(r"[^\W\d_]+")
PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

# Names that users rely on: a step of the set-up dialog, and a blueprint.
FIXED_NAMES: Final = frozenset({"announcement", "mend"})

type Problems = Iterator[str]


def replaced_words(checkout: Checkout) -> tuple[set[str], set[str]]:
    """Return the words that stand nowhere, and those that are no part of a name."""
    page = checkout.root / GLOSSARY
    cells = [
        line.strip("|").split("|")
        for line in (Page(page).prose if page.is_file() else [])
        if line.startswith("|")
    ]
    rows = [row for row in cells if len(row) == 5]
    words: set[str] = {word for row in rows for word in SPAN.findall(row[3])}
    names: set[str] = {word for row in rows for word in SPAN.findall(row[4])}
    return words, names


def text_words(text: str) -> set[str]:
    """Return the words of a text, but of what is code in it."""
    return {word.lower() for word in WORD.findall(re.sub(r"`+[^`]*`+", "", text))}


def name_words(name: str) -> set[str]:
    """Return the words that a name is made of."""
    return {word.lower() for word in PART.findall(name)}


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Module()
                | ast.ClassDef()
                | ast.FunctionDef()
                | ast.AsyncFunctionDef()
            ) if node.body and (text := ast.get_docstring(node)):
                yield node.body[0].lineno, text


def _code(file: Path) -> Iterator[tuple[int, set[str], bool]]:
    """Yield line and words of each comment, docstring and name, and whether it is a name."""
    source = file.read_text("utf-8")
    yield 1, name_words(file.stem), True
    for line, text in _docstrings(source):
        yield line, text_words(text), False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], text_words(token.string), False
        elif token.type == tokenize.NAME:
            yield token.start[0], name_words(token.string), True


def _found(checkout: Checkout) -> Iterator[tuple[str, str]]:
    """Yield where a replaced word stands, and the word."""
    words, names = replaced_words(checkout)
    if not words | names:
        return
    for folder in FOLDERS:
        for file in sorted((checkout.root / folder).rglob("*.py")):
            try:
                for line, used, is_name in _code(file):
                    held = (words | names) - FIXED_NAMES if is_name else words
                    for word in sorted(used & held):
                        yield f"{checkout.relative(file)}:{line}", word
            except SyntaxError, tokenize.TokenError:
                continue
    for file in checkout.files(".md"):
        if checkout.relative(file) not in LEFT_ALONE:
            for word in sorted(text_words("\n".join(Page(file).prose)) & words):
                yield checkout.relative(file), word


def check_glossary(checkout: Checkout) -> Problems:
    """Require that nothing uses a word for which the glossary has another."""
    for where, word in _found(checkout):
        yield f"{where}: {word!r} has another word in {GLOSSARY}"
