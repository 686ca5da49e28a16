"""The words of an alert book: titles and texts that together take no more than a bound."""

from collections import deque
from dataclasses import replace
from typing import Final

from .alert import Alert
from .words import WordRoom, length

# Bytes of titles that wait: 5,000 of 25 letters.
MAX_TITLES: Final = 256 * 1024


class AlertWords:
    """Whole words for whoever waits, and of a flood the beginnings."""

    def __init__(self) -> None:
        """Begin with room for all."""
        self._titles = WordRoom(MAX_TITLES)
        self._waiting, self._closed = WordRoom(), WordRoom()

    @property
    def taken(self) -> tuple[int, int, int]:
        """Return what is taken, to be given back."""
        return self._titles.taken, self._waiting.taken, self._closed.taken

    @taken.setter
    def taken(self, taken: tuple[int, int, int]) -> None:
        self._titles.taken, self._waiting.taken, self._closed.taken = taken

    def fitted(self, alert: Alert) -> Alert:
        """Return an alert that begins to wait, with words that there is room for."""
        title, text = self._titles.fitted(alert.title), self._waiting.fitted(alert.text)
        if title is alert.title and text is alert.text:
            return alert
        return replace(alert, title=title or "", text=text)

    def changed(self, before: Alert | None, after: Alert | None) -> None:
        """Note what waits in place of what."""
        for alert, sign in ((before, -1), (after, 1)):
            if alert is not None:
                self._titles.taken += sign * length(alert.title)
                self._waiting.taken += sign * length(alert.text)

    def taken_out(self, closed: deque[Alert], alert_id: str) -> Alert | None:
        """Return a closed alert, which is kept no more; None where it is not kept."""
        alert = next((one for one in closed if one.alert_id == alert_id), None)
        if alert is not None:
            closed.remove(alert)
            self._closed.taken -= length(alert.text)
        return alert

    def keep(self, closed: deque[Alert], alert: Alert) -> None:
        """Keep a closed alert, in place of the oldest."""
        if len(closed) == closed.maxlen:
            self._closed.taken -= length(closed[0].text)
        text = self._closed.fitted(alert.text)
        self._closed.taken += length(text)
        closed.append(alert if text is alert.text else replace(alert, text=text))
