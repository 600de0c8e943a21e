"""Policies compiled for the question "can it ever": what a caller may bring along does not stand in the way.

A condition on a key that the org itself fixes (who the principal is, which service a role is passed to, tags that were
read) is asked. A condition on any other key is taken to be met, and told: an Allow counts as if it held; a Deny does
not count, for the caller avoids it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twin.semantics.iam import Policy, compile_policy
from twin.semantics.iam.policy import Kind

FIXED = frozenset(
    {
        "aws:username", "aws:resourceaccount", "aws:resourceorgid", "aws:federatedprovider",
        "iam:passedtoservice", "iam:policyarn", "aws:principalservicename", "aws:principalservicenameslist",
        "aws:principalisawsservice", "aws:principalarn", "aws:principalaccount", "aws:principaltype",
        "aws:principalorgid", "iam:permissionsboundary", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
        "s3:accesspointnetworkorigin",
    }
)  # fmt: skip
"""Keys whose value, or whose absence, follows from the org and the question.

Not among them: whether a service calls on the caller's behalf (aws:ViaAWSService, aws:CalledVia), for whoever may use
the service has it call; and aws:userid of a role, whose session the caller names.
"""

OF_SERVICES = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
"""Keys that only a service brings along, on behalf of a resource; nobody else's request has them."""


_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)[^}]*\}")


@dataclass(frozen=True, slots=True)
class View:
    """Which keys of a question are fixed, besides those that always are.

    `free_tags`: the caller tags itself. `federated`: an identity provider may have let it in, or somebody else.
    """

    given: frozenset[str] = frozenset()
    by_service: bool = False
    tags_known: bool = False
    free_tags: bool = False
    federated: bool = False

    def fixes(self, key: str) -> bool:
        """Return whether the question decides a condition on the key, given in lower case."""
        if key.startswith("aws:principaltag/"):
            return key in self.given or not self.free_tags
        if key == "aws:federatedprovider":
            return key in self.given or not self.federated
        if key in self.given or key in FIXED:
            return True
        if key in OF_SERVICES:
            return not self.by_service
        return self.tags_known and key.startswith(("aws:resourcetag/", "iam:resourcetag/"))


@dataclass(frozen=True, slots=True)
class Loose:
    """A policy as it binds at least, with the conditions that are left to the caller.

    `policy` has the statements under their index; `avoided` the denies that the caller can avoid; `names` are the
    statements' own names and `left` the conditions left open, both by index.
    """

    policy: Policy
    avoided: Policy
    names: tuple[str | int, ...]
    left: Mapping[int, str]


@lru_cache(maxsize=65536)
def loosen(text: str, kind: Kind, view: View) -> Loose:
    """Compile a document; PolicyError says what is wrong with it."""
    document = json.loads(text)
    compile_policy(document, kind)  # the document as it stands is the one to complain about
    written = document["Statement"]
    statements = written if isinstance(written, list) else [written]
    kept: list[dict[str, Any]] = []
    avoided: list[dict[str, Any]] = []
    left: dict[int, str] = {}
    for index, written_one in enumerate(statements):
        statement, varied = _suited(written_one, view)
        fixed, open_ = _split(statement.get("Condition") or {}, view)
        open_ |= varied
        numbered = {**{k: v for k, v in statement.items() if k != "Condition"}, "Sid": str(index)}
        if fixed:
            numbered["Condition"] = fixed
        if open_:
            left[index] = _say(open_)
        (avoided if open_ and statement["Effect"] == "Deny" else kept).append(numbered)
    names = tuple(one.get("Sid") or index for index, one in enumerate(statements))
    version = {"Version": document["Version"]} if "Version" in document else {}
    return Loose(
        compile_policy({**version, "Statement": kept}, kind),
        compile_policy({**version, "Statement": avoided}, kind),
        names,
        left,
    )


def chosen(written: str, view: View) -> str:
    """Return a text of a policy with `*` for every variable whose value the caller chooses."""

    def fill(found: re.Match[str]) -> str:
        key = found[1].lower()
        return found[0] if key in "*?$" or view.fixes(key) else "*"

    return _VARIABLE.sub(fill, written)


def _suited(statement: dict[str, Any], view: View) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a statement whose variables have what suits the caller, where it chooses them, and what that rests on."""
    found, left = dict(statement), dict[str, Any]()
    allows = statement["Effect"] == "Allow"
    for element in ("Resource", "NotResource"):
        written = statement.get(element, [])
        listed = [written] if isinstance(written, str) else written
        filled = {one: chosen(one, view) for one in listed}
        open_ = [one for one, made in filled.items() if made != one]
        if not open_:
            continue
        if allows == (element == "Resource"):
            found[element] = list(filled.values())
        else:
            found[element] = [one for one in listed if one not in open_] or list(filled.values())
        if allows or element == "Resource":
            left.setdefault("the value in", {})[element] = open_
    return found, left


def _split(block: Mapping[str, Any], view: View) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a Condition element into what is asked and what is left to the caller."""
    fixed: dict[str, Any] = {}
    open_: dict[str, Any] = {}
    for operator, keys in block.items():
        for key, values in keys.items():
            closed = view.fixes(key.lower()) and chosen(json.dumps(values), view) == json.dumps(values)
            (fixed if closed else open_).setdefault(operator, {})[key] = values
    return fixed, open_


def _say(block: Mapping[str, Any]) -> str:
    """Write conditions as one line."""
    return " and ".join(
        f"{operator} {key} {json.dumps(values)}" for operator, keys in block.items() for key, values in keys.items()
    )
