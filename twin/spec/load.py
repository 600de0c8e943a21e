"""Loading a spec: from a file to a checked org, or to everything that is wrong with it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from twin.diagnostics import Diagnostic, Span
from twin.errors import SpecError
from twin.spec import document as documents
from twin.spec.document import Document
from twin.spec.located import Located, Step
from twin.spec.model import Org
from twin.spec.model.reference import Context
from twin.spec.overlay import environments, misnamed, patched, select
from twin.spec.problems import diagnose, place

ABROAD = ("version", "org", "aws", "okta", "workforce", "iam", "network", "encryption", "data", "compute", "dns")
"""The sections of which another Region has its own, and those that they refer to."""
GLOBAL = {"workforce", "iam"}
"""Those of them that are the account's and not a Region's."""
STATEMENTS = "statements"


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked spec: its intent, and where in the file each part of it stands.

    `root` is the merged tree of the chosen environment; `digest` names its values, whatever their layout.
    """

    org: Org
    document: Document
    root: Located
    environment: str | None
    environments: tuple[str, ...]
    path: Path
    digest: str
    regions: "Mapping[str, Spec]" = field(default_factory=dict)
    """What the org means in other Regions, by their names."""

    def span(self, path: Sequence[Step]) -> Span:
        """Return the place of a model path such as `("data", "buckets", "lake")`, or the nearest enclosing one."""
        return place(self.root, path)


def load(
    path: Path, environment: str | None = None, *, environ: Mapping[str, str], patch: Located | None = None
) -> Spec:
    """Read and check the spec at `path` for one environment; SpecError holds all diagnostics.

    Without `environment` the spec's `default_environment` is taken, or its bare base. `patch` is merged onto what the
    environment makes of the base, by the same rules.
    """
    return check(documents.read(path), path, environment, environ=environ, patch=patch)


def parse(
    data: bytes, path: Path, environment: str | None = None, *, environ: Mapping[str, str] | None
) -> Spec:  # fmt: skip
    """Check the bytes of a spec as `load` does; `path` names it and anchors relative secret files."""
    return check(documents.compose(data, str(path)), path, environment, environ=environ)


def check(
    document: Document,
    path: Path,
    environment: str | None,
    *,
    environ: Mapping[str, str] | None,
    patch: Located | None = None,
) -> Spec:
    """Check a composed document for one environment, with a patch onto it.

    Without `environ` the secrets that it names need not be where it says.
    """
    problems = list(document.diagnostics)
    if document.root is None:
        raise SpecError(problems)
    known = environments(document.root)
    problems += misnamed(document.root)
    try:
        root, chosen = select(document.root, environment)
    except SpecError as error:
        raise SpecError(unique([*problems, *error.diagnostics])) from None
    root = patched(root, patch, problems) if patch is not None else root
    values = root.plain()
    try:
        org = Org.model_validate(values, context=Context(root, environ, path.parent))
    except ValidationError as error:
        problems += diagnose(error, root, document.text)
        raise SpecError(unique(problems)) from None
    if problems:
        raise SpecError(problems)
    spec = Spec(org, document, root, chosen, known, path, digest(values))
    there = {name: abroad(spec, name, environ, problems) for name in org.regions}
    if problems:
        raise SpecError(unique(problems))
    return replace(spec, regions={name: found for name, found in there.items() if found is not None})


def abroad(
    spec: Spec, region: str, environ: Mapping[str, str] | None, problems: list[Diagnostic]
) -> Spec | None:  # fmt: skip
    """Return what the org means in another Region: its regional sections with that Region's patch merged onto them.

    None where that is wrong, of which `problems` then has everything.
    """
    patch = spec.root.children["regions"].children[region]
    kept = {name: child for name, child in spec.root.children.items() if name in ABROAD}
    place = kept["aws"].children["region"]
    kept["aws"] = replace(kept["aws"], value={**kept["aws"].children, "region": replace(place, value=region)})
    for section in GLOBAL & kept.keys():
        kept[section] = _without_statements(kept[section])
    root = patched(replace(spec.root, value=kept), patch, problems)
    # What other Regions have no part of (delivery's roles, say) is there to be named all the same.
    elsewhere = {name: child for name, child in spec.root.children.items() if name not in ABROAD}
    whole = replace(root, value={**elsewhere, **root.children})
    try:
        org = Org.model_validate(root.plain(), context=Context(whole, environ, spec.path.parent))
    except ValidationError as error:
        note = f"so it is in {region}, as `regions.{region}` has it"
        problems += [replace(one, notes=(*one.notes, note)) for one in diagnose(error, root, spec.document.text)]
        return None
    return replace(spec, org=org, root=root, digest=digest(root.plain()))


def _without_statements(section: Located) -> Located:
    """Return a section about identities without what these may do: they are the account's, and act where they like."""
    kept = {
        name: _without_statements(child)
        for name, child in section.children.items()
        if not (name == STATEMENTS and isinstance(child.value, tuple))
    }
    return replace(section, value=kept) if section.children else section


def unique(problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without repetitions, which aliased values cause."""
    return list(dict.fromkeys(problems))


def digest(values: object) -> str:
    """Return the SHA-256 of the canonical JSON of the merged values, in hexadecimal."""
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
