"""A spec compiled for one of its environments: what it wants, and where in the file each resource comes from."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.cli.bundled import find_spec
from twin.cli.kept_specs import Kept, Outline, keep, recall, sources
from twin.cli.made_of import key, shelf_of
from twin.engine.plan import Plan
from twin.engine.workspace import Workspace
from twin.errors import SpecError
from twin.resources.catalogue import index
from twin.resources.declaration import Declaration, Desired
from twin.resources.scope import Scope
from twin.spec.secrets import absence, read_secret

if TYPE_CHECKING:
    from twin.blueprints.blueprint import Blueprint
    from twin.diagnostics import Diagnostic
    from twin.spec.document import Document
    from twin.spec.load import Spec
    from twin.spec.located import Located

ACCOUNTS = {
    "github": "github_organization",
    "auth0": "auth0_domain",
    "okta": "okta_url",
    "cloudflare": "cloudflare_account",
    "pagerduty": "pagerduty",
    "datadog": "datadog",
}
"""Which field of a scope names each vendor's account, besides AWS."""
SECTIONS = (("delivery", "promotion"), ("state",))
"""The sections of a spec that go into plans as they are written."""


@dataclass(frozen=True)
class Compiled:
    """A spec without a single problem, and what it wants; the whole spec is read when somebody asks for it."""

    desired: Desired
    scope: Scope
    outline: Outline
    read_spec: "Callable[[], Spec]"
    made_of: str = ""
    """What it was made of, where it is kept."""
    sources: tuple[str, ...] = ()
    """Where the secrets are that it names, where it is kept."""

    @cached_property
    def spec(self) -> "Spec":
        """The checked spec itself."""
        return self.read_spec()

    def locate(self, declaration: Declaration) -> tuple[str | None, int | None]:
        """Return the file and line of the spec that caused a resource."""
        place = self.outline.places.get(declaration.origin)
        if place is None:  # a resource that the spec does not have, as of an adoption
            span = self.spec.span(declaration.origin)
            place = span.file, span.line
        return place

    def written(self, *path: str) -> dict[str, Any]:
        """Return one of the sections that go into plans as the spec has it; empty where it has none."""
        return self.outline.sections[path]

    def without(self, systems: Collection[str]) -> "Compiled":
        """Return the same with some vendors left out: what is theirs is neither planned nor looked at."""
        kept = Desired()
        for declaration in self.desired:
            if declaration.address.system not in systems:
                kept.declarations[declaration.address] = declaration
        return replace(self, desired=kept, scope=replace(self.scope, **{ACCOUNTS[one]: "" for one in systems}))

    def as_planned(self, plan: Plan) -> "Compiled":
        """Return the same with the vendors left out that a plan left out."""
        gone = [one for one, name in ACCOUNTS.items() if getattr(self.scope, name) and not getattr(plan.scope, name)]
        return self.without(gone) if gone else self

    def secret(self, source: str) -> str:
        """Read a secret of the spec: from the environment, or from a file beside the spec."""
        return read_secret(source, os.environ, self.outline.path.parent)


def compile_file(
    path: Path, environment: str | None, patch: "Located | None" = None,
    environ: Mapping[str, str] | None = os.environ,
) -> Compiled:  # fmt: skip
    """Load, compile and check a spec; SpecError has every problem that can be known.

    `patch` is merged onto the environment of the spec. Without `environ` the secrets that it names need not be there:
    who only compares reads none.
    """
    from twin.spec import document as documents

    found = find_spec(path)
    return _checked(documents.read(found), found, environment, patch, environ)


def recall_file(
    path: Path, environment: str | None, environ: Mapping[str, str] | None = os.environ
) -> Compiled:  # fmt: skip
    """Do the same, without work where the very same was compiled here before."""
    found = find_spec(path)
    shelf = shelf_of(Workspace.find(Path.cwd(), os.environ), "compiled")
    if shelf is None or not found.is_file():
        return compile_file(found, environment, None, environ)
    data = found.read_bytes()
    digest = key(data, found, environment)
    kept = recall(shelf, digest, found.parent, environ)
    if kept is not None:
        whole = partial(_parsed, data, found, environment, environ)
        return Compiled(kept.desired, kept.scope, kept.outline, whole, digest, kept.sources)
    from twin.spec.document import compose

    compiled = _checked(compose(data, str(found)), found, environment, None, environ)
    named = sources(compiled.spec.root.plain(), compiled.desired)
    keep(shelf, digest, Kept(compiled.desired, compiled.scope, compiled.outline, named, index()))
    return replace(compiled, made_of=digest, sources=named)


def _parsed(data: bytes, path: Path, environment: str | None, environ: Mapping[str, str] | None) -> "Spec":
    from twin.spec.load import parse

    return parse(data, path, environment, environ=environ)


def _checked(
    document: "Document", path: Path, environment: str | None, patch: "Located | None" = None,
    environ: Mapping[str, str] | None = os.environ,
) -> Compiled:  # fmt: skip
    from twin.spec.load import check

    try:
        spec = check(document, path, environment, environ=environ, patch=patch)
    except SpecError as error:
        further = _further(document, path, environment, patch, environ) if document.root is not None else ()
        raise SpecError(list(dict.fromkeys([*error.diagnostics, *further]))) from None
    return _compiled(spec, environ)


def _further(
    document: "Document", path: Path, environment: str | None, patch: "Located | None",
    environ: Mapping[str, str] | None,
) -> "Iterator[Diagnostic]":  # fmt: skip
    """Yield what the later checks say of the rest of a broken spec, and what they could not look at."""
    from twin.spec.remainder import remainder

    rest = remainder(document, path, environment, environ=environ, patch=patch)
    if rest is None:
        return
    yield from rest.found
    yield from (one for one in _drafted(rest.spec, environ)[1] if rest.judges(one))
    yield from rest.note()


def _compiled(spec: "Spec", environ: Mapping[str, str] | None) -> Compiled:
    """Make a spec into its resources and check them; SpecError has every problem."""
    blueprint, problems = _drafted(spec, environ)
    if problems:
        raise SpecError(problems)
    desired = blueprint.desired
    return Compiled(desired, blueprint.scope, _outline(spec, desired), lambda: spec)


def _drafted(spec: "Spec", environ: Mapping[str, str] | None) -> "tuple[Blueprint, list[Diagnostic]]":
    """Return what a spec wants, and everything that is wrong with that."""
    from twin.blueprints.compile import all_problems, draft
    from twin.engine.check import problems, secret_problems

    blueprint = draft(spec)
    found = problems(blueprint.desired, blueprint.scope)
    found += secret_problems(blueprint.desired, lambda source: absence(source, environ, spec.path.parent))
    return blueprint, all_problems(spec, blueprint, found)


def _outline(spec: "Spec", desired: Desired) -> Outline:
    """Return what of a spec goes into a plan besides its resources."""
    from twin.spec.located import with_lists

    spans = ((origin, spec.span(origin)) for origin in dict.fromkeys(d.origin for d in desired))
    sections = {path: spec.root.find(path) for path in SECTIONS}
    return Outline(
        spec.digest,
        spec.path,
        {origin: (span.file, span.line) for origin, span in spans},
        {path: with_lists(there.plain()) if there and there.children else {} for path, there in sections.items()},
    )


def environments(path: Path) -> list[str | None]:
    """Return the environments of a spec, the default first; [None] when it has none, or is no spec at all."""
    from twin.spec import document as documents
    from twin.spec import overlay

    try:
        document = documents.read(find_spec(path))
    except SpecError:
        return [None]  # what is wrong with the file is told when it is loaded
    names = overlay.environments(document.root) if document.root else ()
    default = document.root.get("default_environment") if document.root else None
    first = default.value if default else None
    return [None] if not names else sorted(names, key=lambda name: name != first)
