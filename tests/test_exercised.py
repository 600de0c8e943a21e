"""A run of all of a vendor's tests that exercises less than its server serves fails, and only such a run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = {
    "conftest.py": """
from pathlib import Path
from exercised import Exercised


def pytest_configure(config):
    config.pluginmanager.register(Exercised(Path(__file__).parent / "saas"))
""",
    "saas/tiny/tiny_contract.py": """
class CONTRACT:
    covered = set()
    absent = staticmethod(lambda: "")
    served = staticmethod(lambda: {"GET /a", "GET /b"})
""",
} | {
    f"saas/tiny/test_tiny_{one}.py": f"""
from tiny_contract import CONTRACT


def test_{one}():
    CONTRACT.covered.add('GET /{one}')
"""
    for one in "ab"
}
FORGOTTEN = "saas/tiny/test_tiny_b.py", "def test_b():\n    pass\n"
SPREAD = "-n", "2", "--dist", "loadfile"


def run(folder, *options, changed=()):
    """Run the example's tests and return how that ended and what it said."""
    for name, text in (FILES | dict(changed)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    alone = os.environ | {"PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200"}
    call = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "no:cacheprovider", *options]
    done = subprocess.run(call, cwd=folder, env=alone, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


def test_workers_together_exercise_all(tmp_path):
    """Each of two workers has exercised a half: nothing is missing."""
    assert run(tmp_path, *SPREAD)[0] == 0


@pytest.mark.parametrize("options", [(), SPREAD], ids=["alone", "spread"])
def test_what_no_test_exercised_fails_the_run_by_name(tmp_path, options):
    """The operation and its vendor are named, though each test has passed."""
    status, said = run(tmp_path, *options, changed=[FORGOTTEN])
    assert status == 1
    assert "ERROR saas/tiny (all its tests) - no test held against the contract: GET /b" in said
    assert "2 passed, 1 error" in said


@pytest.mark.parametrize("options", [("-k", "test_a"), ("saas/tiny/test_tiny_a.py",)], ids=["word", "file"])
def test_a_part_of_the_tests_proves_nothing(tmp_path, options):
    """Where only some were asked for, nothing is said of what the others exercise."""
    assert run(tmp_path, *options)[0] == 0


def test_absent_contracts_are_not_missed(tmp_path):
    """Without the vendor's documents there is nothing to hold replies against."""
    text = FILES["saas/tiny/tiny_contract.py"].replace('""', '"not on this machine"')
    assert run(tmp_path, changed=[FORGOTTEN, ("saas/tiny/tiny_contract.py", text)])[0] == 0
