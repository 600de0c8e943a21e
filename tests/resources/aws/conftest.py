"""Runs the verbs of AWS resource types against moto, without the rest of twin."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from twin.address import Address
from twin.resources.aws.api import AwsSystem, check
from twin.resources.reference import resolve
from twin.resources.resource import Observed, Resource, Wanted
from twin.resources.scope import Scope

ACCOUNT = "123456789012"


class Bench:
    """One AWS account in moto; verbs run on it and every call is first checked against botocore's model."""

    def __init__(self) -> None:
        self.scope = Scope(org="acme", environment="test", account=ACCOUNT, region="us-east-1")
        self.aws = AwsSystem(region="us-east-1", access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x")
        self.outputs: dict[Address, dict[str, Any]] = {}
        self.sent: list[str] = []

    def run(self, steps: Any) -> Any:
        """Drive a verb to its end; a call that botocore's model refuses is an error of ours."""
        try:
            call = next(steps)
            while True:
                assert check(call) == [], (call, check(call))
                self.sent.append(str(call))
                try:
                    reply = self.aws.execute(call)
                except Exception as refused:
                    call = steps.throw(refused)
                else:
                    call = steps.send(reply)
        except StopIteration as stop:
            return stop.value

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
        found = self.run(
            class_.read(
                self.scope,
                Wanted(
                    ids=frozenset({self.outputs.get(address, {}).get("id", "")}),
                    keys=frozenset({key}) if class_.KEY else frozenset(),
                ),
            )
        )
        ids = [item.id for item in found]
        assert len(ids) == len(set(ids)), f"ids repeat: {ids}"
        mine = [item for item in found if item.owner == address]
        if not mine and class_.KEY and not class_.TAGGED:
            mine = [item for item in found if tuple(item.fields.get(name) for name in class_.KEY) == key]
        assert len(mine) <= 1
        return mine[0] if mine else None

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
        seen = self.observe(address, first)
        assert seen is not None
        assert {k: seen.outputs.get(k) for k in type(first).OUTPUTS} == {
            k: self.outputs[address].get(k) for k in type(first).OUTPUTS
        }, "create and read tell the same outputs"
        for change in changes:
            before = self.observe(address, change)
            assert before is not None
            changed = frozenset(self.differences(address, change))
            assert changed, "the change changes nothing"
            self.run(self.resolved(change).update(self.scope, address, before, changed))
            assert self.differences(address, change) == {}
        self.delete(address, first)

    def delete(self, address: Address, resource: Resource) -> None:
        """Delete the object of an address and find it gone; deleting once more is no error."""
        seen = self.observe(address, resource)
        assert seen is not None
        self.run(type(resource).delete(self.scope, seen))
        assert self.observe(address, resource) is None


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A fresh account."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield Bench()
