"""Small specs, and what their blueprints make of them."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from twin.address import Address
from twin.blueprints.compile import compile_spec, diagnose
from twin.diagnostics import Diagnostic
from twin.engine.check import problems
from twin.errors import SpecError
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.spec.load import Spec, parse

ROOT = Path(__file__).parents[2]
HEAD = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example, tags: {team: platform}}
aws: {account: "111122223333", alias: acme-test, region: us-east-1}
cloudflare: {account: 0123456789abcdef0123456789abcdef}
okta: {org_url: https://acme.okta.com}
environments: {test: {}}
"""
NETWORK = """\
network:
  cidr: 10.0.0.0/16
  azs: 2
  subnets: {public: {exposure: public}, private: {}, data: {exposure: isolated}}
"""


@dataclass(frozen=True)
class Built:
    """A spec and its desired resources."""

    spec: Spec
    desired: Desired
    scope: Scope

    def get(self, type_: str, name: str) -> Any:
        """Return one desired resource."""
        return self.desired[Address(type_, name)].resource

    def names(self, type_: str) -> list[str]:
        """Return the names of the desired resources of a type, sorted."""
        return sorted(d.address.name for d in self.desired if d.address.type == type_)

    def problems(self) -> list[Diagnostic]:
        """Return what is wrong with the resources, located in the spec."""
        return diagnose(self.spec, problems(self.desired, self.scope))


def spec_of(text: str) -> Spec:
    """Read a spec that begins with HEAD."""
    return parse((HEAD + dedent(text)).encode(), ROOT / "org.yaml", "test", environ={})


def build(text: str) -> Built:
    """Compile a spec that begins with HEAD."""
    spec = spec_of(text)
    return Built(spec, *compile_spec(spec))


def refused(text: str) -> list[tuple[str, str]]:
    """Return the codes of what the blueprints refuse, each with the line of the spec that it points to."""
    spec = spec_of(text)
    try:
        compile_spec(spec)
    except SpecError as error:
        lines = (HEAD + dedent(text)).splitlines()
        return [(d.code, lines[d.span.line - 1].strip()) for d in error.diagnostics if d.span]
    return []


def statement(policy: Any, sid: str) -> dict[str, Any]:
    """Return a statement of a policy document by its Sid."""
    return next(s for s in policy["Statement"] if s.get("Sid") == sid)


def under(section: str, text: str) -> str:
    """Return a section with its content indented below it."""
    return f"{section}:\n{indent(dedent(text), '  ')}"
