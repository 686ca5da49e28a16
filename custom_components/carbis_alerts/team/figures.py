"""What the people of a team answered today, over all entries that the team serves."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..domain.daily_people import FiguresBy, PersonDay
from ..entries import loaded_services
from ..runtime.alert_options import figures_of
from ..runtime.alerts import ANSWERS_CHANGED
from ..runtime.devices import HUB
from ..runtime.runtime import ServiceRuntime
from ..services.registry import service_of
from .runtime import Part, TeamRuntime

# Answers, and seconds that they took in all.
type Sum = tuple[int, float]


class PeopleFigures(Part):
    """Sum up what the entries of a team have counted by its people."""

    def __init__(self, team: TeamRuntime) -> None:
        """Follow what is counted once the team has started."""
        super().__init__(team)
        self._leave: CALLBACK_TYPE | None = None

    def answered(self, person_id: str) -> int | None:
        """Return how many guests somebody answered first today.

        None where the team wants no figures by name.
        """
        if figures_of(self.team.entry) is not FiguresBy.NAME:
            return None
        return sum(
            day.answered
            for runtime in self._served()
            if (day := _day(runtime, person_id)) is not None
        )

    def answer_time(self, person_id: str) -> float | None:
        """Return the mean time, in seconds, until somebody answered today."""
        if figures_of(self.team.entry) is not FiguresBy.NAME:
            return None

        def of(runtime: ServiceRuntime) -> Sum:
            day = _day(runtime, person_id)
            return (day.answered, day.waited) if day is not None else (0, 0.0)

        return self._mean(of)

    @property
    def answer_time_of_team(self) -> float | None:
        """Return the mean time, in seconds, until anybody answered today."""

        def of(runtime: ServiceRuntime) -> Sum:
            waits = runtime.alerts.waits_today
            mean = waits.mean
            return (waits.value, mean * waits.value) if mean is not None else (0, 0.0)

        return self._mean(of)

    @override
    @callback
    def async_start(self) -> None:
        self._leave = async_dispatcher_connect(
            self.hass, ANSWERS_CHANGED, self._async_changed
        )
        self._async_changed()

    @override
    @callback
    def async_stop(self) -> None:
        if self._leave is not None:
            self._leave()
            self._leave = None

    def _served(self) -> list[ServiceRuntime]:
        return [
            entry.runtime_data
            for entry in loaded_services(self.hass)
            if self.team.serves(entry.entry_id)
        ]

    def _mean(self, of: Callable[[ServiceRuntime], Sum]) -> float | None:
        """Return the mean of the answers at tables; of others where no table had any.

        An answer by a message takes as long as it may; beside tables it is none.
        """
        served = self._served()
        at_tables = [one for one in served if service_of(one.entry).waiting]
        mean = _mean(map(of, at_tables))
        return _mean(map(of, served)) if mean is None else mean

    @callback
    def _async_keep_what_is_wanted(self) -> None:
        """Drop names or figures that the team does not want any more."""
        by = figures_of(self.team.entry)
        if by is FiguresBy.NAME:
            return
        for runtime in self._served():
            people = runtime.alerts.people_today
            if people.anonymize(drop=by is FiguresBy.NONE):
                runtime.store.async_changed()

    @callback
    def _async_changed(self) -> None:
        self._async_keep_what_is_wanted()
        keys = (person.device_key for person in self.team.people.values())
        self.team.signals.values_changed((HUB, *keys))


def _day(runtime: ServiceRuntime, person_id: str) -> PersonDay | None:
    return runtime.alerts.people_today.people.get(person_id)


def _mean(sums: Iterable[Sum]) -> float | None:
    answered, waited = 0, 0.0
    for count, seconds in sums:
        answered += count
        waited += seconds
    return waited / answered if answered else None
