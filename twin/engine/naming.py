"""Known objects by the values that stand for them, so that a field that holds an id or ARN can refer instead."""

from collections.abc import Iterable, Mapping
from typing import Any

from twin.address import Address
from twin.resources.catalogue import catalogue
from twin.resources.reference import Reference
from twin.resources.resource import Observed, RefTo


class Named:
    """The objects that fields may refer to, by the values that stand for them."""

    def __init__(self, objects: Iterable[tuple[Address, Observed]]) -> None:
        self.values: dict[tuple[str, str], Reference] = {}
        for address, item in objects:
            class_ = catalogue()[address.type]
            told = {"id": item.id, **{n: item.outputs.get(n) for n in class_.OUTPUTS if item.outputs.get(n)}}
            for attribute, value in told.items():
                if isinstance(value, str):
                    self.values.setdefault((address.type, value), Reference(address, attribute))

    def referring(self, address: Address, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return fields in which the ids and ARNs of known objects are references to them."""
        class_ = catalogue()[address.type]
        found = {}
        for name, value in fields.items():
            types = next((m.types for m in class_.model_fields[name].metadata if isinstance(m, RefTo)), ())
            found[name] = self._refer(address, types, value) if types else value
        return found

    def _refer(self, address: Address, types: tuple[str, ...], value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [self._refer(address, types, item) for item in value]
        if not isinstance(value, str):
            return value
        reference = next((r for t in types if (r := self.values.get((t, value))) is not None), None)
        return value if reference is None or reference.address == address else str(reference)
