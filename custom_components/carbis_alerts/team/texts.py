"""What people of a team read: by kind, in the language of Home Assistant.

Home Assistant has no place for such sentences among an integration's translations. The
name of who waits stands by itself, so that no sentence inflects it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..api.texts import shortened
from ..domain.rules import AlertKind

# Characters of a guest's own words in a message.
MAX_WORDS: Final = 300
# Names in a summary.
MAX_NAMES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of a language; what stands in braces is filled in."""

    kinds: Mapping[str, str]
    waits: str
    late: str
    nobody_on_shift: str
    coming: str
    not_me: str
    taken: str
    snoozed: str
    over: str
    too_late: str
    not_yours: str
    noted: str
    more: str
    unreached: str


TEXTS: Final[Mapping[str, Texts]] = {
    "en": Texts(
        kinds={
            AlertKind.WAITER_CALL: "Calls a waiter",
            AlertKind.BILL_REQUEST: "Asks for the bill",
            AlertKind.ORDER: "Has added dishes",
            AlertKind.MISSED_CALL: "Called, and nobody answered",
            AlertKind.MESSAGE: "Has written",
        },
        waits="waits for {minutes} min",
        late="late: found after an interruption",
        nobody_on_shift="nobody is on shift",
        coming="I'm coming",
        not_me="Not me",
        taken="Taken: {by}, after {wait}",
        snoozed="Snoozed",
        over="Over",
        too_late="Too late. {what}",
        not_yours="This was not asked of you",
        noted="Noted",
        more="{count} more wait: {names}",
        unreached="Nobody comes",
    ),
    "ru": Texts(
        kinds={
            AlertKind.WAITER_CALL: "Зовёт официанта",
            AlertKind.BILL_REQUEST: "Просит счёт",
            AlertKind.ORDER: "Добавлены блюда",
            AlertKind.MISSED_CALL: "Пропущенный звонок",
            AlertKind.MESSAGE: "Новое сообщение",
        },
        waits="ждёт {minutes} мин",
        late="с опозданием: найдено после перерыва",
        nobody_on_shift="на смене никого нет",
        coming="Иду",
        not_me="Не я",
        taken="Взято: {by}, через {wait}",
        snoozed="Отложено",
        over="Уже не нужно",
        too_late="Поздно. {what}",
        not_yours="Этот вызов был не вам",
        noted="Принято",
        more="Ждут ещё {count}: {names}",
        unreached="Никто не идёт",
    ),
}
# Units of a wait: seconds, and minutes from a hundred of them on.
UNITS: Final = {"en": ("s", "min"), "ru": ("с", "мин")}


def texts_of(hass: HomeAssistant) -> Texts:
    """Return the words in Home Assistant's language, in English where there are none."""
    return TEXTS[_language(hass)]


def title(alert: Mapping[str, Any]) -> str:
    """Return what a message is called: who waits."""
    return str(alert["name"])


def text(
    hass: HomeAssistant,
    alert: Mapping[str, Any],
    *,
    late: bool = False,
    is_nobody_on_shift: bool = False,
) -> str:
    """Return what a message says of an alert, given as on the bus."""
    words = texts_of(hass)
    said = words.kinds.get(alert["kind"], "")
    if alert["text"]:
        said = f"{said}: {shortened(alert['text'], MAX_WORDS)}"
    minutes = int(alert["age"] // 60)
    notes = [
        words.waits.replace("{minutes}", str(minutes)) if minutes else "",
        words.late if late else "",
        words.nobody_on_shift if is_nobody_on_shift else "",
    ]
    return " · ".join(filter(None, (said, *notes)))


def outcome(hass: HomeAssistant, alert: Mapping[str, Any]) -> str:
    """Return what became of an alert, for those who were notified of it."""
    words = texts_of(hass)
    if alert["snoozed_until"]:
        return words.snoozed
    if not alert["by"]:
        return words.over
    return words.taken.replace("{wait}", _wait(hass, alert["age"])).replace(
        "{by}", alert["by"]
    )


def too_late(hass: HomeAssistant, what: str | None) -> str:
    """Return what somebody reads who answers when it is over; ``what`` became of it."""
    words = texts_of(hass)
    return words.too_late.replace("{what}", what or words.over)


def more(hass: HomeAssistant, names: list[str]) -> str:
    """Return one message for many who wait."""
    shown = ", ".join(names[:MAX_NAMES]) + ("…" if len(names) > MAX_NAMES else "")
    words = texts_of(hass).more.replace("{count}", str(len(names)))
    return words.replace("{names}", shown)


def _wait(hass: HomeAssistant, seconds: float) -> str:
    second, minute = UNITS[_language(hass)]
    if seconds < 100:
        return f"{round(seconds)} {second}"
    return f"{round(seconds / 60)} {minute}"


def _language(hass: HomeAssistant) -> str:
    language = hass.config.language.partition("-")[0]
    return language if language in TEXTS else "en"
