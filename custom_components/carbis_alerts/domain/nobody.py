"""What devices, exchanges and providers say where there is no number."""

import re
from typing import Final

_SAID: Final = """
anon anonym anonymous anonyme anonimo asterisk blocked callerid clid clir conceal
concealed confidential desconocido empty hidden inconnu invalid missing na nan nil
masque masqué no nobody none noname not null oculto out prohibited privacy privat
private privado restrict unterdruckt unterdrückt restricted restriction secret skryt skryty skrytyj suppressed unallocated unavail
unavailable unbekannt undefined undisclosed unidentified unknown unlisted withheld
neizvesten neizvestno neizvestnyj neizvestny unknownnumber privatenumber
unknowncaller nonumber nocallerid withheldnumber blockednumber hiddennumber
антиаон анонім анонимен анонимно анонимный аноним без запрещен запрещено засекречен
засекреченный конфиденциально конфиденциальный не невідомий невідомо недоступен
закрыт закрытый неизв пустой
недоступно недоступный неизвестен неизвестно неизвестного неизвестный неизвестным
неопределен неопределено неопределенный нет ограничен ограничено отсутствует
приватный прихований пусто секретный скрыл скрыт скрыто скрытого скрытый скрытым
скрыта частный
"""
# What may stand beside that.
_BESIDE: Final = """
a and area available by call caller cid identity id is name network nomer num number
numbers numéro número of presentation provided subscriber the user
абонент абонента абонентом аон вызов вызывающего данных доступен звонок и личный
номер номера номером определен определена определено определился определить
передан передано распознан распознано указан
"""
_NOBODY: Final = frozenset(_SAID.split())
_FILLERS: Final = frozenset(_BESIDE.split())
_WORDS: Final = re.compile(r"[^\W_]+")
# A number that is masked as a whole.
_MASK: Final = re.compile(r"[xх]+", re.IGNORECASE)


def is_nobody(text: str) -> bool:
    """Return whether a text says in so many words that there is no number."""
    is_said = False
    folded = text.casefold().replace("ё", "е").replace("n/a", "na")
    for word in _WORDS.findall(folded):
        says_so = word in _NOBODY or _MASK.fullmatch(word) is not None
        if not says_so and word not in _FILLERS:
            return False
        is_said |= says_so
    return is_said
