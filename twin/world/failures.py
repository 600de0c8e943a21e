"""How each AWS service says that it is down, that it broke, or that it is asked too often."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from twin.data_files import read_yaml
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

Failure = Literal["unavailable", "internal", "throttled"]
DATA = Path(__file__).parent / "faults" / "data" / "failures.yaml"


class FaultRefusal(AwsError):
    """A refusal that a fault causes: the service would have answered."""


def failure(kind: Failure, call: Call) -> FaultRefusal:
    """Return the refusal in the words of a call's service, or else of its protocol."""
    known = forms()
    service = known["services"].get(call.service, {})
    code, status, message = service.get(kind) or known["protocols"][call.protocol][kind]
    return FaultRefusal(code, message, status)


@cache
def forms() -> dict[str, Any]:
    """Return what the data file says, by protocol and by service."""
    found: dict[str, Any] = read_yaml(DATA.read_text())
    return found
