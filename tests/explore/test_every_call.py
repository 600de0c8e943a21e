"""The exhaustive run that `make catalogue` makes: every call of the mini org, in every way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from twin.explore.mishaps import ORDERLY, Unready
from twin.report.survivals import DEAD

SPEC = Path(__file__).parents[2] / "specs" / "mini-org.yaml"


@pytest.mark.catalogue
def test_every_call_of_the_mini_org_may_be_the_last():
    """Each call of dev's apply and destroy is met by each mishap, and nothing is left behind."""
    command = [sys.executable, "-m", "twin.cli", "crash", str(SPEC), "-e", "dev", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["good"], told["lost"]) == (0, True, [])
    for counts in told["counts"].values():
        ends = counts["ends"]
        assert {ends[kind.name] for kind in ORDERLY if kind is not Unready} == {counts["calls"]}
        assert counts["calls"] < ends[DEAD] <= 2 * counts["calls"]
