"""How long jobs wait for the instances of an Auto Scaling group."""

from types import SimpleNamespace

import pytest

from twin.scenario.actors.job_load import MINUTE, JobLoad


class Stage:
    """A stage on which a group has a given number of instances in service in each minute."""

    def __init__(self, sizes):
        self.sizes = iter(sizes)
        self.timeline = SimpleNamespace(elapsed=0.0, pass_=self._pass)
        self.journal = SimpleNamespace(write=lambda *told, **more: None)

    def _pass(self, seconds):
        self.timeline.elapsed += seconds

    def ask(self, operation, params):
        """Answer a call at once."""
        yield from ()
        if operation == "autoscaling:DescribeAutoScalingGroups":
            return {"AutoScalingGroups": [{"Instances": [{"LifecycleState": "InService"}] * next(self.sizes)}]}
        return {}


@pytest.mark.parametrize(
    ("sizes", "rates", "longest"),
    [
        ([0, 0, 0, 0], [(0, 0)], 0),  # nobody waits, whatever the age of the run
        ([1, 1, 0, 0], [(0, 10)], 2),  # two minutes without anybody, not four
        ([1, 0, 0, 0, 1], [(0, 10), (3 * MINUTE, 0)], 3),  # what came at first waits on when nothing comes any more
        ([0, 0, 3, 0], [(0, 10)], 2),  # the wait begins anew when all was done
        ([1, 1], [(0, 30)], 4),  # forty wait for one that does ten a minute
    ],
)
def test_longest_wait_without_instances_counts_from_the_first_that_waits(sizes, rates, longest):
    """It is how long jobs have waited for any instance, and otherwise what those in service still need."""
    told = {"group": "web", "each": 10, "namespace": "N", "metric": "M"}
    load = JobLoad("load", {**told, "rates": [{"at": at, "jobs": jobs} for at, jobs in rates]}, Stage(sizes))
    (process,) = load.processes()
    for _ in range(len(sizes) + 1):
        next(process)
    assert load.figures()["longest_wait"] == longest * MINUTE
