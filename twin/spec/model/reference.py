"""References of a spec: a name that must be declared elsewhere in the same file, and a secret's source."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import core_schema

from twin.spec.located import Located
from twin.spec.model.form import refusal
from twin.spec.secrets import ENV, FILE, absence
from twin.spec.suggest import suggestion


@dataclass(frozen=True, slots=True)
class Context:
    """What validation may look at besides the value: the whole merged spec and where secrets come from."""

    root: Located
    environ: Mapping[str, str] | None
    base_dir: Path

    def names(self, section: str) -> list[str]:
        """Return the names declared under a dotted path, in the order of the file."""
        found = self.root.find(section.split("."))
        return list(found.children) if found else []


@dataclass(frozen=True)
class Reference:
    """Marks text as the name of something declared under one of `sections`, or one of `builtin`.

    The name is checked when validation is given a `Context`.
    """

    noun: str
    sections: tuple[str, ...]
    builtin: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Validate by looking the name up."""
        return core_schema.with_info_after_validator_function(self.check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the reference for editors."""
        named = " or ".join(self.sections)
        return {
            "type": "string", "description": f"The {self.noun} named under {named}.",
            "x-sections": list(self.sections),
        }  # fmt: skip

    def check(self, value: str, info: ValidationInfo) -> str:
        """Refuse a name that nothing declares."""
        if not isinstance(info.context, Context):
            return value
        known = [*self.builtin, *(name for section in self.sections for name in info.context.names(section))]
        if value not in known:
            advice = suggestion(value, known) or f"declare it under {' or '.join(self.sections)}"
            raise refusal("TW0301", f"there is no {self.noun} named `{value}`", advice)
        return value


@dataclass(frozen=True)
class ItemPath:
    """Marks text as the dotted path of an item of this spec (`data.buckets.lake`); `arns` lets ARNs and `*` pass."""

    arns: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Validate by walking the path."""
        return core_schema.with_info_after_validator_function(self.check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the path for editors."""
        return {"type": "string", "examples": ["data.buckets.lake"]}

    def check(self, value: str, info: ValidationInfo) -> str:
        """Refuse a path that leads nowhere, naming what lies at its last good step."""
        if (self.arns and (value == "*" or value.startswith("arn:"))) or not isinstance(info.context, Context):
            return value
        here = info.context.root
        for step in value.partition("/")[0].split("."):
            below = here.children.get(step)
            if below is None:
                raise refusal("TW0301", f"nothing in this spec is at `{value}`", suggestion(step, here.children))
            here = below
        return value


def secret_source(value: Any, info: ValidationInfo) -> str:
    """Refuse a literal secret, and a source that is not there; the message never shows the value."""
    if not isinstance(value, str) or not value.startswith((ENV, FILE)) or value in (ENV, FILE):
        advice = "write `env:NAME` or `file:PATH`, and change this secret: it has been in a file"
        raise refusal("TW0210", "a secret is written out here", advice)
    missing = absence(value, info.context.environ, info.context.base_dir) if isinstance(info.context, Context) else None
    if missing:
        raise refusal("TW0211", missing, "set it, or name another source")
    return value


class SecretForm:
    """Marks text as the source of a secret."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Validate the source, never the secret."""
        return core_schema.with_info_plain_validator_function(secret_source)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the source for editors."""
        return {"type": "string", "pattern": f"^(?:{ENV}|{FILE}).+$", "examples": ["env:DB_PASSWORD"]}


SecretSource = Annotated[str, SecretForm()]
Item = Annotated[str, ItemPath()]
ResourceName = Annotated[str, ItemPath(arns=True)]
Group = Annotated[str, Reference("group", ("workforce.groups",))]
Person = Annotated[str, Reference("person", ("workforce.people",))]
Zone = Annotated[str, Reference("network zone", ("workforce.zones",))]
PRINCIPALS = ("workforce.roles", "iam.roles", "iam.users", "delivery.roles", "compute.workers")
Role = Annotated[str, Reference("role", ("workforce.roles", "iam.roles", "delivery.roles"))]
Principal = Annotated[str, Reference("role or user", PRINCIPALS)]
IamGroup = Annotated[str, Reference("IAM group", ("iam.groups",))]
IamUserName = Annotated[str, Reference("IAM user", ("iam.users",))]
Key = Annotated[str, Reference("key", ("encryption.keys",))]
Bucket = Annotated[str, Reference("bucket", ("data.buckets",))]
Queue = Annotated[str, Reference("queue", ("data.queues",))]
Topic = Annotated[str, Reference("topic", ("audit.topics",))]
OnCallPerson = Annotated[str, Reference("person on call", ("on_call.people",))]
OnCallSchedule = Annotated[str, Reference("schedule", ("on_call.schedules",))]
PagingPolicy = Annotated[str, Reference("escalation policy", ("on_call.policies",))]
PagedService = Annotated[str, Reference("paged service", ("on_call.services",))]
SeverityName = Annotated[str, Reference("severity", ("on_call.severities",))]
Monitor = Annotated[str, Reference("monitor", ("observability.datadog.monitors",))]
HealthCheckName = Annotated[str, Reference("health check", ("dns.health_checks",))]
Tier = Annotated[str, Reference("subnet tier", ("network.subnets",))]
SecurityGroup = Annotated[str, Reference("security group", ("network.security_groups",))]
Unit = Annotated[str, Reference("organizational unit", ("organization.units",))]
ScpTarget = Annotated[
    str,
    Reference("organizational unit or account", ("organization.units", "organization.accounts"), builtin=("root",)),
]
