"""Leaves out policies that are none of the language, and says so: nothing can be decided by them."""

import json
from collections.abc import Iterable
from dataclasses import replace

from twin.observe.iam.org import Account, Document, Group, Identity, Levels, Managed, Object, Point, Thing
from twin.observe.iam.organization import unlimited
from twin.semantics.iam import PolicyError, compile_grant, compile_policy
from twin.semantics.iam.policy import Kind


class _Check:
    def __init__(self) -> None:
        self.gaps: list[str] = []

    def fits(self, owner: str, written: str, kind: Kind) -> bool:
        """Return whether a policy can be compiled; a gap tells where not."""
        try:
            compile_policy(json.loads(written), kind)
        except PolicyError as error:
            self.gaps.append(f"{owner}: a policy is left out, {error}")
            return False
        return True

    def inline(self, owner: str, documents: Iterable[Document], kind: Kind) -> tuple[Document, ...]:
        return tuple(one for one in documents if self.fits(f"{owner} {one.name}", one.text, kind))

    def levels(self, levels: Levels | None, kind: Kind) -> Levels | None:
        """Return the levels with what limits nothing in the place of what cannot be decided by."""
        return levels and tuple((name, tuple(self.limit(name, one, kind) for one in listed)) for name, listed in levels)

    def limit(self, owner: str, one: Document, kind: Kind) -> Document:
        return one if self.fits(f"{owner} {one.name}", one.text, kind) else unlimited(one.name, kind)


def checked(objects: Iterable[Object]) -> tuple[list[Object], list[str]]:
    """Return the objects with the policies that can be decided by, and a gap for each other."""
    check = _Check()
    return [_one(one, check) for one in objects], check.gaps


def _one(one: Object, check: _Check) -> Object:
    match one:
        case Account():
            return replace(one, scps=check.levels(one.scps, "scp"), rcps=check.levels(one.rcps, "rcp"))
        case Group():
            return replace(one, inline=check.inline(one.arn, one.inline, "identity"))
        case Identity():
            trust = one.trust if not one.trust or check.fits(one.arn, one.trust, "resource") else ""
            return replace(one, inline=check.inline(one.arn, one.inline, "identity"), trust=trust)
        case Managed():
            nothing = '{"Version":"2012-10-17","Statement":[]}'
            kept = ((v, t if check.fits(f"{one.arn} {v}", t, "identity") else nothing) for v, t in one.versions)
            return replace(one, versions=tuple(kept))
        case Thing():
            policy = one.policy if not one.policy or check.fits(one.arn, one.policy, "resource") else ""
            return replace(one, policy=policy, grants=_grants(one, check))
        case Point():
            return replace(
                one, policy=one.policy if not one.policy or check.fits(one.arn, one.policy, "resource") else ""
            )
    return one


def _grants(one: Thing, check: _Check) -> tuple[str, ...]:
    kept = []
    for written in one.grants:
        try:
            compile_grant(json.loads(written))
        except PolicyError as error:
            check.gaps.append(f"{one.arn}: a grant is left out, {error}")
        else:
            kept.append(written)
    return tuple(kept)
