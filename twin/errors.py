"""Every exception of the program, each class bound to one exit code.

TwinError
├── UsageError        2   the command line or the spec is wrong; nothing was touched
│   ├── SpecError     2   carries located diagnostics
│   ├── StaleError    2   a plan was changed since it was saved, or what it was made for was
│   └── FaultError    2   a fault that is none, or was asked for wrongly
│       └── NothingToBreak   2   what it shall break is not there
├── TargetError       3   a target could not be reached, or refused
├── StateError        3   the journal or the state cannot be written; nothing more was sent
├── GuardError        4   a live guard refused; nothing that writes was sent, or no further wave
└── Interrupted     130   stopped by the user; state was written

Anything else that escapes is a bug of ours: exit 70, traceback in a file.
"""

from collections.abc import Sequence

from twin.diagnostics import Diagnostic


class TwinError(Exception):
    """What the program cannot do, told to its user."""

    exit_code = 70


class UsageError(TwinError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class SpecError(UsageError):
    """The spec has errors; all of them are in `diagnostics`, sorted by place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=Diagnostic.sort_key))
        super().__init__(f"{len(self.diagnostics)} problem(s) in the spec")


class StaleError(UsageError):
    """A plan is not what was saved, or its target is not what it was made for; live, that is a guard's refusal."""


class FaultError(UsageError):
    """A fault is unknown, or was asked for wrongly."""


class NothingToBreak(FaultError):
    """What a fault shall break is not there, or not any more."""


class TargetError(TwinError):
    """A vendor's endpoint was unreachable or refused a call."""

    exit_code = 3


class StateError(TwinError):
    """A run can no longer write down what it does, so it did no more."""

    exit_code = 3


class GuardError(TwinError):
    """A guard of a live target refused; nothing that writes was sent."""

    exit_code = 4


class Interrupted(TwinError):
    """The user stopped the run; the state was written first."""

    exit_code = 130
