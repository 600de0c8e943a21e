"""A whole valid spec, and the ways to load one from text."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.spec import Spec, parse

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


@pytest.fixture
def whole() -> str:
    """The text of a spec that uses every section."""
    return WHOLE


@pytest.fixture
def load_text() -> Callable[..., Spec]:
    """Check a spec given as text."""
    return parse_text
