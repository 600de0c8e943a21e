"""A whole valid spec, and the ways to load one from text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.spec.document import compose
from twin.spec.load import Spec, parse

WHOLE = (Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8")
ENVIRON = {"DB_PASSWORD": "correct horse", "PAGER_URL": "https://pager.example/hook"}


def parse_text(text: str, environment: str | None = None, environ: Mapping[str, str] = ENVIRON) -> Spec:
    """Check a spec given as text."""
    return parse(text.encode(), Path("org.yaml"), environment, environ=environ)


def diagnostics_of(text: str, environment: str | None = None) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a spec; empty when nothing is."""
    try:
        parse_text(text, environment)
    except SpecError as error:
        return error.diagnostics
    return ()


MINIMAL = """\
version: 1
org: {name: a, domain: a.example, contact: a@a.example}
aws: {account: "123456789012", alias: a, region: eu-west-1}
"""


def plain(text: str) -> Any:
    """Return a spec as JSON values."""
    return jsonable(compose(text.encode(), "f.yaml").root.plain())


def jsonable(value: Any) -> Any:
    """Return tuples as lists."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, tuple) else value
