"""What a fault is: it begins and ends in a scene, may refuse calls, and counts what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator

from twin.aws_data import LOADER
from twin.wire import Request, Response
from twin.world.aws_call import Call
from twin.world.failures import FaultRefusal
from twin.world.saas.stations import VendorCall
from twin.world.scene import Scene


class FaultOptions(BaseModel):
    """What a fault is told; unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Aim(FaultOptions):
    """Which calls a fault means; what is not said means any."""

    services: tuple[str, ...] = ()
    """Services by botocore's names (`iam`, `ec2`)."""
    operations: tuple[str, ...] = ()
    """Operations by AWS's names, with * for any letters (`Describe*`)."""
    region: str | None = None
    account: str | None = None
    principal: str | None = None
    """ARN of the caller, with * for any letters."""

    @field_validator("services")
    @classmethod
    def known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """A service that AWS does not have is a slip of the pen."""
        for name in names:
            if name not in services():
                raise ValueError(f"AWS has no service {name!r} (botocore's names count: elbv2, cognito-idp)")
        return names

    @field_validator("operations")
    @classmethod
    def bare(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """A name with its service before it would never be met."""
        for name in names:
            if ":" in name:
                raise ValueError(f"{name!r} has its service before it; write `services` and `operations` apart")
        return names

    def hits(self, call: Call) -> bool:
        """Tell whether a call is meant."""
        return (
            (not self.services or call.service in self.services)
            and (not self.operations or any(fnmatchcase(call.operation, name) for name in self.operations))
            and self.region in (None, call.region)
            and self.account in (None, call.account)
            and (self.principal is None or fnmatchcase(call.principal.arn, self.principal))
        )


@cache
def services() -> frozenset[str]:
    """Return the names of all services of AWS."""
    return frozenset(LOADER.list_available_services("service-2"))


@dataclass(frozen=True, slots=True, order=True)
class Victim:
    """Something of the org that a fault breaks: its id or ARN, and where it is."""

    account: str
    region: str
    name: str

    def in_(self, facts: Any) -> bool:
        """Tell whether the facts of a happening are about this."""
        if any(facts.get(key, own) != own for key, own in (("account", self.account), ("region", self.region))):
            return False
        short = self.name.rpartition(":")[2] if self.name.startswith("arn:") else self.name
        return any(text in (self.name, short) for text in _texts(facts))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)


@dataclass(frozen=True, slots=True)
class Effects:
    """What came of a fault: calls refused or answered late, replies that show it, victims that the world noticed."""

    refused: int = 0
    delayed: int = 0
    shown: int = 0
    noticed: int = 0

    @property
    def total(self) -> int:
        """The sum; 0 means that nothing was tested."""
        return self.refused + self.delayed + self.shown + self.noticed


class Fault:
    """A fault of one kind; a kind is a file in `twin/world/faults` with a subclass as its `FAULT`.

    `SERVICES` tells whether calls that services of AWS make for the org meet it too. State is plain data.
    """

    OPTIONS: ClassVar[type[FaultOptions]] = FaultOptions
    SERVICES: ClassVar[bool] = False

    def __init__(self, id_: str, options: Any) -> None:
        self.id = id_
        self.options = options
        self.refused = self.delayed = self.shown = 0
        self.victims: list[Victim] = []

    def begin(self, scene: Scene) -> None:
        """Break what breaks; NothingToBreak when there is nothing that could."""

    def end(self, scene: Scene) -> None:
        """Mend it."""

    def check(self, call: Call, scene: Scene) -> None:
        """Look at a call on its way; may refuse it or have its answer come late."""

    def check_vendor(self, call: VendorCall, scene: Scene) -> None:
        """Look at a call to Okta or Cloudflare; may refuse it by VendorFault."""

    def answer(self, request: Request, scene: Scene) -> Response | None:
        """Answer a request to a host that is none of the vendors' APIs; None leaves it unanswered."""
        return None

    def count(self, scene: Scene) -> None:
        """Bring the counts up to date, where others keep them."""

    def refuse(self, error: FaultRefusal) -> None:
        """Count a refused call and refuse it."""
        self.refused += 1
        raise error
