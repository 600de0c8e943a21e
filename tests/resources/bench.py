"""Runs the verbs of resource types against real clients on real stores, without the rest of twin."""

from dataclasses import replace
from typing import Any, ClassVar

from twin.address import Address
from twin.resources.aws.api import check as check_aws
from twin.resources.call import Call, drive
from twin.resources.http_check import check as check_http
from twin.resources.reference import resolve
from twin.resources.resource import IMMUTABLE, Observed, Resource, Wanted

CHECKS = {"auth0": check_http, "aws": check_aws, "cloudflare": check_http, "okta": check_http}


class Bench:
    """Systems by name and a scope; every call is first checked as a plan would check it."""

    REPEATS_DELETION: ClassVar[bool] = True
    """Whether `delete` runs the verb once more on what is gone already."""

    def __init__(self, scope: Any, **systems: Any) -> None:
        self.scope = scope
        self.systems = systems
        self.outputs: dict[Address, dict[str, Any]] = {}
        self.sent: list[str] = []

    def run(self, steps: Any) -> Any:
        """Drive a verb to its end; a call that the vendor's model refuses is an error of ours."""
        return drive(steps, self.send)

    def send(self, call: Call) -> Any:
        """Send a call that its vendor's model accepts."""
        assert CHECKS[call.system](call) == [], (call, CHECKS[call.system](call))
        self.sent.append(str(call))
        return self.systems[call.system].execute(call)

    def resolved(self, resource: Resource) -> Resource:
        """Replace references to what this bench created by their values."""
        values = resolve(resource.values(), lambda ref: self.outputs.get(ref.address, {}).get(ref.attribute))
        return type(resource)(**values)

    def create(self, name: str, resource: Resource) -> Address:
        """Create a resource and remember its outputs for later references."""
        address = Address(resource.TYPE, name)
        ready = self.resolved(resource)
        outputs = dict(self.run(ready.create(self.scope, address)))
        predicted = ready.predict(self.scope)
        assert {k: outputs.get(k, v) for k, v in predicted.items()} == predicted, "what is predicted comes true"
        self.outputs[address] = {**ready.values(), **predicted, **outputs}
        return address

    def observe(self, address: Address, resource: Resource) -> Observed | None:
        """Read the type and return the object of an address, by owner tag or natural key."""
        class_ = type(resource)
        ready = self.resolved(resource)
        key = tuple(getattr(ready, name) for name in class_.KEY)
        found = self.read(class_, ids={self.outputs.get(address, {}).get("id", "")}, keys={key} if key else set())
        mine = [item for item in found if item.owner == address]
        if not mine and class_.KEY and not class_.TAGGED:
            mine = [item for item in found if tuple(item.fields.get(name) for name in class_.KEY) == key]
        assert len(mine) <= 1
        return mine[0] if mine else None

    def read(self, class_: type[Resource], ids: Any = (), keys: Any = ()) -> list[Observed]:
        """Read a type; ids never repeat."""
        found = self.run(class_.read(self.scope, Wanted(ids=frozenset(ids), keys=frozenset(keys))))
        all_ids = [item.id for item in found]
        assert len(all_ids) == len(set(all_ids)), f"ids repeat: {all_ids}"
        return list(found)

    def differences(self, address: Address, resource: Resource) -> dict[str, tuple[Any, Any]]:
        """Return the managed fields whose observed value differs: {field: (desired, observed)}."""
        seen = self.observe(address, resource)
        assert seen is not None, f"{address} is not there"
        ready = self.resolved(resource)
        hidden = {
            n
            for n, f in type(ready).model_fields.items()
            if any(type(m).__name__ in ("WriteOnly", "Sensitive") for m in f.metadata)
        }
        return {
            name: (value, seen.fields.get(name))
            for name, value in ready.values().items()
            if name not in hidden and not type(ready).same(name, value, seen.fields.get(name))
        }

    def lifecycle(self, name: str, first: Resource, *changes: Resource) -> None:
        """Create, read back without difference, apply each change and read back, delete, find nothing."""
        address = self.create(name, first)
        assert self.differences(address, first) == {}
        self.assert_outputs(address, first)
        self.assert_others_see(address, first)
        for change in changes:
            self.change(address, change)
        self.delete(address, first)

    def assert_outputs(self, address: Address, resource: Resource) -> None:
        """What create returned is what read tells."""
        seen = self.observe(address, resource)
        assert seen is not None
        assert {k: seen.outputs.get(k) for k in type(resource).OUTPUTS} == {
            k: self.outputs[address].get(k) for k in type(resource).OUTPUTS
        }, "create and read tell the same outputs"

    def assert_others_see(self, address: Address, resource: Resource) -> None:
        """Another environment is told whose an object is that bears an owner, and does not take it for its own."""
        class_, id_ = type(resource), self.outputs[address]["id"]
        ready = self.resolved(resource)
        keys = {tuple(getattr(ready, name) for name in class_.KEY)} if class_.KEY else set()
        theirs, ours = replace(self.scope, environment="elsewhere"), self.scope.owner
        found = self.run(class_.read(theirs, Wanted(ids=frozenset({id_}), keys=frozenset(keys))))
        assert [(o.owner, o.other) for o in found if o.id == id_] == [(None, ours if class_.TAGGED else "")]

    def change(self, address: Address, change: Resource) -> None:
        """Update an object to a change, which must be one, and read it back without difference."""
        before = self.observe(address, change)
        assert before is not None
        changed = frozenset(self.differences(address, change))
        assert changed, "the change changes nothing"
        assert not changed & type(change).marked(type(IMMUTABLE)), "the change would be a replacement"
        self.run(self.resolved(change).update(self.scope, address, before, changed))
        assert self.differences(address, change) == {}

    def delete(self, address: Address, resource: Resource) -> None:
        """Delete the object of an address and find it gone; deleting it once more is no error."""
        seen = self.observe(address, resource)
        assert seen is not None
        self.run(type(resource).delete(self.scope, seen))
        assert self.observe(address, resource) is None
        if self.REPEATS_DELETION:
            self.run(type(resource).delete(self.scope, seen))
