"""Where the logs of an org are, and the clock that they go by."""

from collections.abc import Callable
from datetime import datetime

from twin.cli.compiled import compile_file
from twin.cli.exploring import Surroundings
from twin.cli.observed import Sight, place_in
from twin.cli.session import workspace
from twin.clock import WallClock
from twin.errors import UsageError
from twin.observe.happenings import Logs

Now = Callable[[], datetime]


def logs_of(sight: Sight) -> tuple[Logs, Now]:
    """Return the logs of SPEC's org, of the running twin, or of live accounts; UsageError when none is meant."""
    if sight.spec is not None:
        found = Surroundings(compile_file(sight.spec, sight.environment), sight.target)
        return found.logs(sight.regions), found.now
    place, served = place_in(sight), workspace().served()
    if sight.target == "live":
        return Logs(place.target.systems, sight.regions or (place.region,)), WallClock().now
    if served is None:
        raise UsageError("no twin is running here; start one: twin up SPEC")
    return Logs(place.target.systems, sight.regions or (place.region,), served.cloudflare_account), served_now


def served_now() -> datetime:
    """Return the running twin's time."""
    from twin.cli.controlled import ask

    return datetime.fromisoformat(ask("GET", "clock")["now"])
