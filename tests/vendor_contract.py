"""Holds a vendor's server to the vendor's own OpenAPI documents, and knows which operations were held to them."""

import json
import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator

from twin.wire import Request, Response
from twin.world.saas.router import Router

CONTRACTS = Path(os.environ.get("TWIN_SHARED") or Path(__file__).parents[1] / "../shared") / "contracts"
METHODS = ("get", "post", "put", "patch", "delete")
VARIABLE = re.compile(r"\{([^}]+)\}|<(?:\w+:)?(\w+)>")


class Operation(NamedTuple):
    """A documented operation: its name (`GET /a/{b}`), what its paths look like, and which document has it."""

    name: str
    pattern: re.Pattern[str]
    document: str


@dataclass(eq=False, repr=False)
class Contract:
    """The documents of one vendor, and where they or the vendor are not to be taken by the word.

    `refusal` asserts the vendor's own shape of an error, from a path and a reply; without one, every refusal has to be
    documented. `untold` maps (operation, status), both as patterns, to why a reply is not held against its schema;
    `nulls` maps fields that may be null against the schema to the reason; `empty` lists the bodies of a reply that has
    none; `long` names path variables with slashes in them; `unserved` are operations that are only refused;
    `repair` mends a document in place; `comparable` takes out of a body what is newer than the document. A vendor that
    publishes no documents has none: its operations are the server's.
    """

    documents: tuple[str, ...]
    router: Router[Any]
    base: str = ""
    refusal: Callable[[str, Response], None] | None = None
    untold: Mapping[tuple[str, str], str] = field(default_factory=dict)
    nulls: Mapping[str, str] = field(default_factory=dict)
    empty: Collection[bytes] = (b"",)
    long: Collection[str] = ()
    unserved: Collection[str] = ()
    repair: Callable[[str, dict[str, Any]], None] | None = None
    comparable: Callable[[str, Any], Any] | None = None
    covered: set[str] = field(init=False, default_factory=set)
    _validators: dict[tuple[str, str, str], Any] = field(init=False, default_factory=dict)

    def absent(self) -> str:
        """Return why nothing can be held against the documents; empty where they are there."""
        missing = [name for name in self.documents if not (CONTRACTS / f"{name}.json").exists()]
        return f"the vendor contracts {missing} are absent in {CONTRACTS}; set TWIN_SHARED" if missing else ""

    @cached_property
    def loaded(self) -> dict[str, dict[str, Any]]:
        """Return the documents by name, mended; skip the test, loudly, where they are not."""
        if self.absent():
            pytest.skip(self.absent())
        found = {name: json.loads((CONTRACTS / f"{name}.json").read_text()) for name in self.documents}
        for name, raw in found.items():
            if self.repair:
                self.repair(name, raw)
        return found

    @cached_property
    def operations(self) -> list[Operation]:
        """Return every operation, fixed paths before those with variables."""
        found = [
            Operation(f"{verb.upper()} {path}", self._pattern(path), name)
            for name, raw in self.loaded.items()
            for path, item in raw["paths"].items()
            for verb in item
            if verb in METHODS
        ]
        if not self.documents:
            found = [Operation(rule, self._pattern(rule.partition(" ")[2]), "") for rule in self.router.endpoints]
        return sorted(found, key=lambda one: (len(VARIABLE.findall(one.name)), -len(one.name)))

    def served(self) -> set[str]:
        """Return the operations that the server has an endpoint for, and does not refuse by name."""
        bound = {shape(rule) for rule in self.router.endpoints}
        found = {one.name for one in self.operations if shape(self._at(one.name)) in bound} - set(self.unserved)
        assert found, f"the server of {self.documents} has no operation: it was not imported"
        return found

    def operation_of(self, request: Request) -> Operation | None:
        """Return the operation of a request; None where no document has it."""
        path, method = urlsplit(request.url).path, f"{request.method} "
        return next(
            (one for one in self.operations if one.name.startswith(method) and one.pattern.fullmatch(path)), None
        )

    def check(self, request: Request, response: Response) -> str | None:
        """Assert that a reply conforms and return its operation's name; None where no document has the operation."""
        if response.status >= 400 and self.refusal:
            self.refusal(urlsplit(request.url).path, response)
        operation = self.operation_of(request)
        if operation is None:
            return None
        if operation.document:
            self._conform(operation, response)
        if response.status < 400:
            self.covered.add(operation.name)
        return operation.name

    def _conform(self, operation: Operation, response: Response) -> None:
        name, status = operation.name, str(response.status)
        excused = response.status >= 400 and self.refusal is not None
        if any(fnmatch(name, like) and fnmatch(status, code) for like, code in self.untold):
            return
        told = self._told(operation, status)
        if told is None:
            assert excused, f"{name} does not answer {status}"
            return
        content = told.get("content")
        if not content:
            assert excused or response.body in self.empty, f"{name} {status} has no body in the contract"
            return
        media = response.headers.get("Content-Type", "").partition(";")[0]
        assert media in content, f"{name} {status} answers in {sorted(content)}, not in {media}"
        if not media.endswith("json") and media != "text/plain":
            return
        value = response.body.decode() if media == "text/plain" else json.loads(response.body)
        value = self.comparable(name, value) if self.comparable else value
        judge = self._validator(operation, status, media)
        wrong = [one for one in judge.iter_errors(value) if not self._null(one)]
        assert not wrong, f"{name} {status}: " + "\n".join(f"{one.json_path}: {one.message[:800]}" for one in wrong)

    def _told(self, operation: Operation, status: str) -> Any:
        verb, path = operation.name.split(" ")
        raw = self.loaded[operation.document]
        declared = raw["paths"][path][verb.lower()]["responses"]
        return resolved(raw, declared.get(status) or declared.get(f"{status[0]}XX"))

    def _validator(self, operation: Operation, status: str, media: str) -> Any:
        key = operation.name, status, media
        if key not in self._validators:
            raw = self.loaded[operation.document]
            kind = OAS31Validator if raw["openapi"].startswith("3.1") else OAS30ReadValidator
            schema = {
                **self._told(operation, status)["content"][media].get("schema", {}),
                "components": raw["components"],
            }
            self._validators[key] = kind(schema, format_checker=kind.FORMAT_CHECKER)
        return self._validators[key]

    def _null(self, error: Any) -> bool:
        return error.instance is None and bool(error.absolute_path) and str(error.absolute_path[-1]) in self.nulls

    def _at(self, name: str) -> str:
        return name.replace(" ", f" {self.base}", 1)

    def _pattern(self, path: str) -> re.Pattern[str]:
        parts, at = [re.escape(self.base)], 0
        for one in VARIABLE.finditer(path):
            parts += [re.escape(path[at : one.start()]), ".+" if (one[1] or one[2]) in self.long else "[^/]+"]
            at = one.end()
        return re.compile("".join([*parts, re.escape(path[at:])]))


def shape(operation: str) -> str:
    """Return an operation's name without the names of its variables, which servers and documents choose."""
    return VARIABLE.sub("*", operation)


def resolved(raw: dict[str, Any], item: Any) -> Any:
    """Follow references inside a document."""
    while item is not None and "$ref" in item:
        found: Any = raw
        for step in item["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        item = found
    return item
