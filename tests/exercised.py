"""Fails a run of all of a vendor's tests after which one of its served operations was held against no contract."""

import sys
from importlib import import_module

import pytest

PARTS = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly", "pyargs")
COUNTED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class Exercised:
    """Gathers what the tests of each folder below `home` exercised, on whichever worker and in whichever order.

    The contract of the folder `x` is `CONTRACT` in the module `x/x_contract.py`.
    """

    def __init__(self, home):
        self.home, self.covered = home, {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        """Take what a worker's tests exercised, in the process that leads."""
        self._add(getattr(node, "workeroutput", {}).get("exercised", {}))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        """Hand over what was exercised here; where all has come together, refuse a run that left something out."""
        loaded = ((folder, sys.modules.get(f"{folder.name}_contract")) for folder in self._folders())
        own = {folder.name: sorted(module.CONTRACT.covered) for folder, module in loaded if module is not None}
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["exercised"] = own
            return
        self._add(own)
        if exitstatus not in COUNTED or session.shouldfail or session.shouldstop:
            return
        for folder in self._folders():
            missing = self._missing(folder) if whole(session.config, folder) else ()
            if missing:
                told = f"no test held against the contract: {', '.join(missing)}"
                place = folder.relative_to(session.config.rootpath).as_posix()
                report = pytest.CollectReport(f"{place} (all its tests)", "failed", told, [])
                session.config.hook.pytest_collectreport(report=report)
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _folders(self):
        return sorted(path.parent for path in self.home.glob("*/*_contract.py") if path.stem == _name(path.parent))

    def _add(self, covered):
        for vendor, names in covered.items():
            self.covered.setdefault(vendor, set()).update(names)

    def _missing(self, folder):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        contract = import_module(_name(folder)).CONTRACT
        return () if contract.absent() else sorted(contract.served() - self.covered.get(folder.name, set()))


def _name(folder):
    return f"{folder.name}_contract"


def whole(config, folder):
    """Tell whether all tests of a folder were asked for."""
    if any(getattr(config.option, name, None) for name in PARTS):
        return False
    asked = [(config.invocation_params.dir / one).resolve() for one in config.args if "::" not in one]
    return all(any(file.is_relative_to(one) for one in asked) for file in folder.rglob("test_*.py"))
