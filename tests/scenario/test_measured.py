"""Answers that may be expected become whole ones, in the minutes of the clock in which they are given."""

from collections import Counter

import numpy as np
import pytest

from twin.analysis.way.answers import Answer
from twin.analysis.way.kind import Chances
from twin.scenario.traffic import measured
from twin.scenario.traffic.outcome import Limits

GOOD = Answer("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/a/1", "us-east-1a", "g", "target", "200")
DEAD = GOOD._replace(by="balancer", status="504", connected=False)


@pytest.fixture
def told(monkeypatch):
    """Gather stretches of counts and tell them; returns the counts of each minute by status."""

    def gathered(*stretches, tick=1.0, capacity=None, tries=3, now=6000.0):
        minutes = {}
        monkeypatch.setattr(measured, "answered", lambda scene, account, began, counts: minutes.update({began: counts}))
        one = measured.Measured(None, "1", Limits(tries, capacity, None), tick=tick)
        for since, counts, chances, answers in stretches:
            one.gather({"all": np.array(counts)}, {"all": chances}, answers={"all": answers}, since=since)
        one.tell(now)
        found = {}
        for began, counts in minutes.items():
            sums = Counter()
            for answer, count in counts.items():
                sums[answer.status, answer.connected] += count
            found[began] = {name: count for name, count in sums.items() if count}
        return found

    return gathered


def test_a_stretch_that_begins_within_a_minute_adds_to_it(told):
    """Two stretches meet at half past; a minute that is not over is not told."""
    free = Chances(servers=1)
    first, second = (3000.0, [1] * 30, free, {GOOD: 1.0}), (3030.0, [2] * 60, free, {GOOD: 1.0})
    assert told(first, second, now=3090.0) == {3000.0: {("200", True): 90}}
    assert told(first, second) == {3000.0: {("200", True): 90}, 3060.0: {("200", True): 60}}


def test_what_makes_no_whole_answer_counts_in_the_next_minute(told):
    """A third of one a minute is one in the third."""
    one = (3000.0, [1] + [0] * 59, Chances(servers=1), {GOOD: 1 / 3})
    found = told(one, (3060.0, *one[1:]), (3120.0, *one[1:]))
    assert [counts.get(("200", True), 0) for counts in found.values()] == [0, 0, 1]


def test_failed_tries_are_tried_again_and_counted_each(told):
    """Half of the tries fail: of 600 requests 300 come again, then 150."""
    half = Chances(again=(("dead", 0.5),), servers=1)
    found = told((3000.0, [10] * 60, half, {GOOD: 0.5, DEAD: 0.5}))
    assert found == {3000.0: {("200", True): 525, ("504", False): 525}}


def test_whom_the_edge_answers_or_stops_is_not_counted(told):
    """Of a hundred a second half are stopped, and of the rest half are in the cache."""
    edge = Chances(cached=0.5, blocked=0.5, servers=1)
    assert told((3000.0, [100] * 60, edge, {GOOD: 1.0})) == {3000.0: {("200", True): 1500}}


def test_servers_with_too_much_to_do_let_the_load_balancer_lose_patience(told):
    """One server answers 5 of 10 a second; without a second try the others end in a timeout, connected as they are."""
    found = told((3000.0, [10] * 60, Chances(servers=1), {GOOD: 1.0}), capacity=5.0, tries=1)
    assert found == {3000.0: {("200", True): 300, ("504", True): 300}}


def test_long_ticks_are_shared_out_among_their_minutes(told):
    """A tick of five minutes makes no heap in its first one."""
    found = told((3000.0, [500], Chances(servers=1), {GOOD: 1.0}), tick=300.0)
    assert found == {3000.0 + 60 * minute: {("200", True): 100} for minute in range(5)}
