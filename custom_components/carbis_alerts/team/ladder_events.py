"""What Home Assistant gets of the ladder: steps that come, and its end."""

from homeassistant.core import HomeAssistant, callback

from ..domain.dispatch import Came, Climb
from ..domain.lifecycle import DispatchAction
from ..runtime.devices import HUB
from .dispatch_events import fire, step_due
from .reach import Reach
from .runtime import TeamRuntime
from .served import alert_of
from .step_actions import run_actions
from .unreached import UnreachedToday


class LadderEvents:
    """Publish what the ladder of a team does."""

    def __init__(self, team: TeamRuntime) -> None:
        """Take the team."""
        self.team = team
        self.hass: HomeAssistant = team.hass
        self._unreached = team.part(UnreachedToday)

    @callback
    def came(self, came: Came) -> None:
        """Have automations know."""
        climb = came.climb
        found = alert_of(self.hass, climb.entry_id, climb.alert_id)
        if found is not None:
            runtime, alert = found
            data = runtime.alert_events.data(alert)
            step_due(
                self.hass,
                self.team,
                data,
                step=came.step.name,
                attempt=came.attempt,
            )
            run_actions(
                self.team,
                came.step.actions,
                data,
                step=came.step.name,
                attempt=came.attempt,
            )

    @callback
    def nobody_comes(self, climb: Climb) -> None:
        """Publish that nobody comes."""
        found = alert_of(self.hass, climb.entry_id, climb.alert_id)
        if found is not None:
            runtime, alert = found
            data = runtime.alert_events.data(alert)
            self._unreached.count()
            self._unreached.look(self.team.part(Reach))
            fire(self.hass, self.team, DispatchAction.UNREACHED, alert=data)

    @callback
    def people_changed(self, key: str) -> None:
        """Close the repair of a team whose people cannot be reached, once some can."""
        if key != HUB and self._unreached.is_open:
            self._unreached.look(self.team.part(Reach))
