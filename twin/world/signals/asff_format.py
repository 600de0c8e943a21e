"""What a finding lacks or has against the AWS Security Finding Format, in the words of Security Hub's validator.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html; how the words go together is
seen in refusals that users published, that of a severity without label and figure is assumed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from twin.data_files import read_yaml

Finding = Mapping[str, Any]
PREFIX = "Finding does not adhere to Amazon Finding Format."


@cache
def schema() -> Mapping[str, Any]:
    """Return what the format asks, from one data file."""
    found: Mapping[str, Any] = read_yaml((Path(__file__).parent / "asff_schema.yaml").read_text(encoding="utf-8"))
    return found


def instant_of(text: Any) -> datetime | None:
    """Return the instant that a timestamp of the format means; None where it is none."""
    if not isinstance(text, str) or re.match(schema()["timestamp"], text) is None:
        return None
    try:
        # A leap second is no instant of Python's.
        return datetime.fromisoformat(text.upper().replace("23:59:60", "23:59:59"))
    except ValueError:
        return None


def wrong_finding(finding: Finding) -> str | None:
    """Say what is wrong with a finding that is imported; None when nothing is."""
    fault = next(_missing(finding), None) or wrong_values(finding)
    return None if fault is None else f"{PREFIX} {fault}."


def oversized(finding: Finding) -> bool:
    """Tell whether a finding is larger than any may be."""
    return len(json.dumps(finding, default=str).encode()) > int(schema()["bytes"])


def wrong_values(given: Finding) -> str | None:
    """Say which value the format does not allow; None when it allows all."""
    return next(_faults(given), None)


def _missing(finding: Finding) -> Iterator[str]:
    for name in schema()["required"]:
        if name not in finding:
            yield f"data should have required property '{name}'"
        elif finding[name] == "":
            yield f"data.{name} should NOT be shorter than 1 characters"
    own = finding.get("FindingProviderFields") or {}
    if any(name not in finding and name not in own for name in schema()["provided"]):
        yield "data should have required property 'FindingProviderFields', data should match some schema in anyOf"
    for number, resource in enumerate(finding.get("Resources") or ()):
        for name in ("Type", "Id"):
            if not resource.get(name):
                yield f"data.Resources[{number}] should have required property '{name}'"


def _faults(given: Finding) -> Iterator[str]:
    rules = schema()
    for name in ("Severity", "FindingProviderFields.Severity"):
        severity = _at(given, name)
        if severity is not None and "Label" not in severity and "Normalized" not in severity:
            lacking = [f"data.{name} should have required property '{one}'" for one in ("Label", "Normalized")]
            yield ", ".join((*lacking, f"data.{name} should match some schema in anyOf"))
    for name in rules["timestamps"]:
        value = _at(given, name)
        if value is not None and instant_of(value) is None:
            yield f'data.{name} should match pattern "{rules["timestamp"]}"'
    for name, most in rules["longest"].items():
        if len(_at(given, name) or "") > most:
            yield f"data.{name} should NOT be longer than {most} characters"
    for name, (fewest, most) in rules["items"].items():
        yield from _counted(name, _at(given, name), fewest, most=most)
    for name, (least, most) in rules["range"].items():
        value = _at(given, name)
        if value is not None and not least <= value <= most:
            yield f"data.{name} should be {'>= ' + str(least) if value < least else '<= ' + str(most)}"
    for name, allowed in rules["one_of"].items():
        if _at(given, name) not in (None, *allowed):
            yield f"data.{name} should be equal to one of the allowed values"
    yield from _texts(given, rules)


def _texts(given: Finding, rules: Mapping[str, Any]) -> Iterator[str]:
    for name, pattern in rules["pattern"].items():
        value = _at(given, name)
        many = isinstance(value, list | tuple)
        for number, text in enumerate(value if many else () if value is None else (value,)):
            if re.match(pattern, text) is None:
                yield f'data.{name}{f"[{number}]" if many else ""} should match pattern "{pattern}"'
    for name, (most, longest_key, longest_value) in rules["pairs"].items():
        held = _at(given, name) or {}
        if len(held) > most:
            yield f"data.{name} should NOT have more than {most} properties"
        for key, value in held.items():
            if len(key) > longest_key:
                yield f"data.{name} property name '{key}' is invalid"
            if len(value) > longest_value:
                yield f"data.{name}['{key}'] should NOT be longer than {longest_value} characters"


def _counted(name: str, value: Any, fewest: int, *, most: int) -> Iterator[str]:
    if value is not None and len(value) < fewest:
        yield f"data.{name} should NOT have fewer than {fewest} items"
    if value is not None and len(value) > most:
        yield f"data.{name} should NOT have more than {most} items"


def _at(given: Any, path: str) -> Any:
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given
