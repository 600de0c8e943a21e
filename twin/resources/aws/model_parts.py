"""What of botocore's service models a run used, so that the next one reads that alone: EC2's whole takes a tenth of it.

A client made of a part knows no other operation; whoever needs one has the client made anew of the whole.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from twin.aws_data import LOADER, ServiceLoader

MODEL = "service-2"
READS = re.compile(r'"((?:Describe|Get|List)[A-Z]\w+)"')
PART = "twin:part"
"""What a part of a model has beside what the whole has."""
Models = dict[str, dict[str, Any]]
"""Models of services by their names in botocore."""


class PartLoader(ServiceLoader):
    """Loads botocore's data, and of a service's model the part that is known to be enough so far."""

    def __init__(self) -> None:
        super().__init__(file_loader=LOADER.file_loader)
        self._parts: Models = {}
        self._used: dict[str, set[str]] = {}

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Load a model as botocore does, or the part of it that is known."""
        if type_name == MODEL and service_name in self._parts:
            return self._parts[service_name]
        return LOADER.load_service_model(service_name, type_name, api_version)

    def tell(self, parts: Models) -> None:
        """Take the parts that an earlier run kept."""
        self._parts = parts

    def note(self, service: str, operation: str) -> None:
        """Note that an operation is used."""
        self._used.setdefault(service, set()).add(operation)

    def forget_lacking(self, service: str, operation: str) -> None:
        """Load a service's model as a whole from now on where its part lacks an operation, as all do without a name."""
        part = self._parts.get(service)
        if part is not None and operation not in part["operations"]:
            del self._parts[service]
            self._used.setdefault(service, set()).update(part["operations"])

    def more(self, besides: Collection[str] = ()) -> Models:
        """Return parts that hold all that was used so far, and other operations besides; none when those told do."""
        models = {name: used.union(besides) for name, used in self._used.items() if used and name not in self._parts}
        made = {name: part_of(LOADER.load_service_model(name, MODEL), used) for name, used in models.items()}
        return self._parts | made if made else {}


PARTS = PartLoader()
"""That of this process."""


@cache
def named_reads() -> frozenset[str]:
    """Return the reads that types of the catalogue name: by some of them the next plan reads what an apply has made."""
    files = Path(__file__).parent.glob("*.py")
    return frozenset(name for file in files for name in READS.findall(file.read_text(encoding="utf-8")))


def part_of(model: Mapping[str, Any], operations: Collection[str]) -> dict[str, Any]:
    """Return a service's model with some of its operations and the shapes that these have."""
    kept = {name: told for name, told in model["operations"].items() if name in operations}
    waiting = [ref for told in kept.values() for ref in _references(told, ("input", "output"), ("errors",))]
    shapes: dict[str, Any] = {}
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shape = shapes[name] = model["shapes"][name]
            waiting += _references(shape, ("member", "key", "value"), ())
            waiting += (member["shape"] for member in shape.get("members", {}).values())
    ordered = {name: shape for name, shape in model["shapes"].items() if name in shapes}
    return {**model, "operations": kept, "shapes": ordered, PART: True}


def lacks(client: Any, operation: str = "") -> bool:
    """Tell whether a client is made of a part of its service's model, and of one without the operation."""
    model = client.meta.service_model._service_description
    return PART in model and operation not in model["operations"]


def _references(told: Mapping[str, Any], single: Collection[str], lists: Collection[str]) -> Iterator[str]:
    yield from (told[part]["shape"] for part in single if part in told)
    yield from (one["shape"] for part in lists for one in told.get(part, ()))
