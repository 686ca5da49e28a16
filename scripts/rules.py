"""What scripts/check.py holds the files against."""

import re
from typing import Final

LANGUAGES: Final = ("en", "ru")

# Where the packages in uv.lock come from.
REGISTRY: Final = "https://pypi.org/simple"

# The files that declare actions, conditions and triggers.
DESCRIPTIONS: Final = ("conditions.yaml", "services.yaml", "triggers.yaml")

# Pages below docs/ for people who work on the project; they are in English only.
DEVELOPERS_PAGES: Final = frozenset(
    {
        "architecture.md",
        "delivery.md",
        "demo.md",
        "development.md",
        "simulator.md",
        "soak.md",
    }
)

# How the entity ids of our devices begin in English, and in a Russian site.
RUSSIAN_IDS: Final = {
    "extension": "vnutrennii",
    "pbx": "ats",
    "qr_menu": "qr_meniu",
    "table": "stolik",
}

# Words that stay as they are in every language.
NAMES: Final = frozenset(
    {"alerts", "carbis", "green", "sprecord", "telegram", "webhook", "whatsapp"}
)

# Home Assistant's own helpers end a flow with these, not this project's code.
CORE_ABORTS: Final = frozenset({"reauth_successful", "reconfigure_successful"})

FORBIDDEN_TEXT: Final = (
    (re.compile(r"\[%key:"), "refers to another key, which only core resolves"),
    (re.compile(r"^\s*$"), "is empty"),
    (re.compile(r"^\s|\s$"), "begins or ends with white space"),
    (re.compile(r"<[/a-z][^>]*>", re.IGNORECASE), "holds HTML"),
    (
        re.compile(r"(?:\w://|\bwww\.)[\w.-]*\.[a-z]{2,5}\b", re.IGNORECASE),
        "holds a URL; use a placeholder",
    ),
    (re.compile(r"'\{\w+\}'"), "quotes a placeholder with single quotes"),
)
