"""How many requests there are at each tick: the hour of the day, spikes, and chance."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from twin.scenario.traffic.outcome import Counts
from twin.scenario.traffic.profile import Profile


def demand(
    profile: Profile, start: datetime, chance: np.random.Generator, *, first: int, ticks: int
) -> Mapping[str, Counts]:
    """Draw the number of requests of each kind at some ticks of a run that begins at `start`."""
    elapsed = (first + np.arange(ticks)) * profile.tick
    hours = (start.hour + start.minute / 60 + start.second / 3600 + elapsed / 3600) % 24
    curve = np.interp(hours, np.arange(25), (*profile.day, profile.day[0])) / profile.day[12]
    for spike in profile.spikes:
        curve = np.where((elapsed >= spike.at) & (elapsed < spike.at + spike.for_), curve * spike.times, curve)
    whole = sum(one.share for one in profile.requests.values())
    return {
        name: chance.poisson(profile.rate * profile.tick * curve * one.share / whole).astype(np.int64)
        for name, one in profile.requests.items()
    }
