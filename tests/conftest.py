"""What all tests share."""

import gc
import os
import tempfile
from pathlib import Path

import pytest
from examples import WHOLE
from exercised import Exercised
from hypothesis import HealthCheck, settings

import twin.world  # noqa: F401 - moto reads its settings when it is first imported, by whichever test

COLLECTED = (100_000, 20, 10)
"""How much must be new before garbage is looked for: worlds are large, and looking through them takes a fifth."""

# How long an example takes is the machine's affair: no law is held to a time, alone or beside others that are at work.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Whole minutes of waiting, and tens of seconds of work, which would keep the other workers waiting at the end.
LONGEST = (
    "tests/cli/test_terraform.py",
    "tests/pipeline/",
    "tests/scenario/test_money_scenarios.py",
    "tests/scenario/test_guarded_breaches.py",
    "tests/scenario/",
    "tests/fidelity/test_fidelity_report.py",
    "tests/promote/",
    "tests/explore/",
    "tests/tui/",
    "tests/cli/",
    "tests/engine/",
)


def pytest_addoption(parser):
    """Let `make catalogue` ask for what takes minutes, and a reader accept screens that changed."""
    parser.addoption(
        "--catalogue", action="store_true", help="play every variant of every scenario, and all of a sample"
    )
    parser.addoption("--accept-screens", action="store_true", help="keep the explorer's screens as they are now")


def pytest_configure(config):
    """Keep a file's tests on one worker: what a module builds is built once, and its tests may follow each other.

    How much is asked for, and the folder that all take for the user's own, is told to the workers before they begin.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        own = tempfile.TemporaryDirectory(prefix="twin-tests-")
        config.add_cleanup(own.cleanup)
        os.environ["XDG_DATA_HOME"] = own.name
    if config.getoption("--catalogue"):
        os.environ[WHOLE] = "1"
    gc.set_threshold(*COLLECTED)
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist, config.option.loadscopereorder = "loadfile", False
    config.pluginmanager.register(Exercised(Path(__file__).parent / "world/saas"))


def pytest_xdist_auto_num_workers(config):
    """Start one worker more than there are cores: Terraform, and servers that start, keep one waiting."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config, items):
    """Begin with what takes longest; skip what is marked `catalogue`, saying how it is asked for."""
    items.sort(key=_place)
    if config.getoption("--catalogue"):
        return
    skipped = pytest.mark.skip(reason="plays every variant of a long scenario: make catalogue")
    for item in items:
        if item.get_closest_marker("catalogue"):
            item.add_marker(skipped)


def pytest_collection_finish():
    """Leave what was imported out of each search for garbage."""
    gc.collect()
    gc.freeze()


def _place(item):
    """Return how early a test comes: the place of the first of those it belongs to, or behind them all."""
    return next((place for place, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))


@pytest.fixture(scope="session")
def whole(request):
    """Whether every variant is asked for, and not those alone that show what a claim fails on."""
    return request.config.getoption("--catalogue")


@pytest.fixture(scope="session")
def orgs(tmp_path_factory):
    """The home in which an org that was built once stands for all workers, and for all tests that only play on it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "orgs"
