"""From a checked spec to its desired resources: every blueprint of this package, then the raw ones."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

import twin.blueprints
from twin.address import PLACED, Address
from twin.blueprints.blueprint import Blueprint
from twin.blueprints.overrides import override
from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired, Path
from twin.resources.resource import Problem
from twin.resources.scope import Scope
from twin.spec.load import Spec
from twin.spec.located import with_lists
from twin.spec.problems import EXPECTED
from twin.spec.suggest import nearest_type, suggestion

SECTION = "resources"


OF_ABSENCE = ("TW0711", "TW0740")
"""What is said of an address at which nothing stands."""


def compile_spec(spec: Spec) -> tuple[Desired, Scope]:
    """Return what a spec wants and where; SpecError for raw resources that no type accepts."""
    blueprint = draft(spec)
    if blueprint.diagnostics:
        raise SpecError(blueprint.diagnostics)
    return blueprint.desired, blueprint.scope


def draft(spec: Spec) -> Blueprint:
    """Return what a spec wants, without the raw resources that no type accepts, which are told in its diagnostics."""
    blueprint = Blueprint(spec, scope_of(spec))
    for module in sorted(m.name for m in pkgutil.iter_modules(twin.blueprints.__path__)):
        build = getattr(importlib.import_module(f"twin.blueprints.{module}"), "build", None)
        if build is not None:
            build(blueprint)
    _raw(blueprint)
    override(blueprint)
    return blueprint


def all_problems(spec: Spec, blueprint: Blueprint, found: Iterable[tuple[Declaration, Problem]]) -> list[Diagnostic]:
    """Return the diagnostics of a draft and of its resources, without what comes of those that cannot be made."""
    unmade = [f"{type_}.{name}" for type_, named in spec.org.resources.items() for name in named]
    made = {str(address) for address in blueprint.desired.declarations}
    refused = [*blueprint.unmade, *(address for address in unmade if address not in made)]
    told = [*blueprint.diagnostics, *diagnose(spec, found)]
    return [d for d in told if d.code not in OF_ABSENCE or not any(address in d.message for address in refused)]


def scope_of(spec: Spec) -> Scope:
    """Return the owner and the accounts that a spec names."""
    org = spec.org
    return Scope(
        org=org.org.name,
        environment=spec.environment or "base",
        account=org.aws.account,
        alias=org.aws.alias,
        region=org.aws.region,
        partition="aws",
        cloudflare_account=org.cloudflare.account if org.cloudflare else "",
        cloudflare_plan=org.cloudflare.plan if org.cloudflare else "free",
        okta_url=str(org.okta.org_url) if org.okta else "",
        auth0_domain=org.auth0.domain if org.auth0 else "",
        pagerduty=org.pagerduty.subdomain if org.pagerduty else "",
        datadog=org.datadog.site if org.datadog else "",
        github_organization=org.github.organization if org.github else "",
        github_members=",".join(_reviewers(spec)),
        github_repositories=_elsewhere(spec),
    )


def _reviewers(spec: Spec) -> list[str]:
    """Return who stands at the gates of the pipeline."""
    pipeline = spec.org.delivery.pipeline
    return sorted({login for gate in pipeline.gates.values() for login in gate.reviewers}) if pipeline else []


def _elsewhere(spec: Spec) -> str:
    """Return the name of the pipeline's repository where another environment is its home."""
    pipeline = spec.org.delivery.pipeline
    away = pipeline is not None and pipeline.home != spec.environment
    return pipeline.repository.partition("/")[2] if pipeline is not None and away else ""


def diagnose(spec: Spec, found: Iterable[tuple[Declaration, Problem]]) -> list[Diagnostic]:
    """Locate problems of resources in the spec."""
    diagnostics = []
    for declaration, problem in found:
        text = problem.message
        message = text if str(declaration.address) in text else f"{declaration.address}: {text}"
        span = spec.span(declaration.place(problem.field))
        diagnostics.append(Diagnostic(problem.code, message, span, problem.help))
    return list(dict.fromkeys(diagnostics))


def _raw(blueprint: Blueprint) -> None:
    types, written = catalogue(), blueprint.org.model_dump(mode="json", include={SECTION})
    for type_, named in written[SECTION].items():
        class_ = types.get(type_)
        if class_ is None:
            blueprint.diagnostics.append(
                Diagnostic(
                    "TW0721",
                    f"there is no resource type {type_}",
                    blueprint.spec.span((SECTION, type_)),
                    _near(type_, types),
                )
            )
            continue
        for name, fields in named.items():
            at: Path = (SECTION, type_, name)
            if not PLACED.fullmatch(name):
                message = f"{name!r} is not a resource name: letters, digits, - and _"
                blueprint.diagnostics.append(Diagnostic("TW0722", message, blueprint.spec.span(at)))
                continue
            try:
                resource = class_(**with_lists(fields))
            except ValidationError as error:
                blueprint.diagnostics += _invalid(blueprint, Address(type_, name), at, error)
            else:
                blueprint.add(name, resource, at, {key: (*at, key) for key in fields})


def _near(word: str, known: Iterable[str]) -> str:
    found = nearest_type(word, known)
    return f"did you mean `{found}`?" if found else "`twin types` lists them"


def _invalid(blueprint: Blueprint, address: Address, at: Path, error: ValidationError) -> Iterator[Diagnostic]:
    model = catalogue()[address.type]
    for item in error.errors():
        place: Sequence[Any] = item["loc"]
        kind, field = item["type"].replace("_parsing", "_type"), ".".join(map(str, place))
        span, help_ = blueprint.spec.span((*at, *place)), None
        if kind == "extra_forbidden":
            message, span = f"unknown field `{field}`", blueprint.spec.root.nearest((*at, *place)).anchor
            help_ = suggestion(str(place[-1]), model.model_fields) if len(place) == 1 else None
        elif kind == "missing":
            message, help_ = f"it lacks `{field}`", f"add `{place[-1]}: …`; `twin types {address.type}` tells of it"
        elif kind in EXPECTED:  # without the value, which may be a secret
            message = f"{field}: expected {EXPECTED[kind]}"
        else:
            message = f"{field}: {item['msg'][:1].lower()}{item['msg'][1:]}"
        yield Diagnostic("TW0723", f"{address}: {message}", span, help_)
