"""AWS Backup: vaults and plans."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.limits import matches, within
from twin.resources.aws.schedules import schedule_problems
from twin.resources.aws.tagging import BACKUP
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("ResourceNotFoundException",)
COLD_DAYS = 90


class Vault(Resource):
    """Where recovery points are kept."""

    TYPE: ClassVar[str] = "aws.backup.vault"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    kms_key: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(None, description="ARN of the key")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all vaults with one ListBackupVaults, their tags with the tagging API."""
        reply = yield aws("backup", "ListBackupVaults", pages=True)
        vaults = {item["BackupVaultName"]: item for item in reply["BackupVaultList"]}
        names = sought(wanted) & vaults.keys()
        tags = yield from tags_of(scope, (vaults[name]["BackupVaultArn"] for name in names), BACKUP.read)
        found = []
        for name, item in vaults.items():
            arn = item["BackupVaultArn"]
            own = tags.get(arn, {})
            fields = {"name": name, "kms_key": item.get("EncryptionKeyArn"), "tags": user_tags(own)}
            builtin = name == "Default" or name.startswith("aws/")
            found.append(
                Observed(
                    name, fields, {"id": name, "arn": arn}, scope.own(own), other=scope.other(own), builtin=builtin
                )
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("backup", f"backup-vault:{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the vault."""
        params = {
            "BackupVaultName": self.name,
            "EncryptionKeyArn": self.kms_key,
            "BackupVaultTags": scope.tags(address, self.tags),
        }
        yield aws("backup", "CreateBackupVault", params)
        return self.predict(scope)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change tags."""
        if changed & {"tags", "owner"}:
            yield from BACKUP.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the vault, which AWS Backup refuses while it holds recovery points."""
        yield aws("backup", "DeleteBackupVault", {"BackupVaultName": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name fits AWS Backup's pattern."""
        yield from matches("services", "backup.vault_name", self.name, "name")


class Copy(BaseModel):
    """A copy of each recovery point into another vault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vault_arn: str
    cold_after_days: int | None = None
    delete_after_days: int | None = None


class Rule(BaseModel):
    """When a plan backs up, into which vault, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    vault: str = Field(description="Id (name) of the vault")
    schedule: str = Field("cron(0 5 ? * * *)", description="cron or rate expression")
    timezone: str = "Etc/UTC"
    start_window: int = Field(480, description="Minutes in which the backup has to start")
    completion_window: int = Field(10_080, description="Minutes in which it has to end")
    cold_after_days: int | None = None
    delete_after_days: int | None = None
    continuous: bool = Field(False, description="Point-in-time recovery where the service has it")
    copies: list[Copy] = Field(default_factory=list)


class Plan(Resource):
    """The rules by which backups are made; they are owned as a whole."""

    TYPE: ClassVar[str] = "aws.backup.plan"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: str
    rules: Annotated[list[Rule], RefTo("aws.backup.vault"), UNORDERED]
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all plans with one ListBackupPlans, and the rules of ours."""
        reply = yield aws("backup", "ListBackupPlans", pages=True)
        plans = [item for item in reply["BackupPlansList"] if "DeletionDate" not in item]
        known = sought(wanted)
        mine = {i["BackupPlanArn"] for i in plans if known & {i["BackupPlanId"], i["BackupPlanName"]}}
        tags = yield from tags_of(scope, mine, BACKUP.read)
        found = []
        for item in plans:
            id_, arn = item["BackupPlanId"], item["BackupPlanArn"]
            own = tags.get(arn, {})
            fields: dict[str, Any] = {"name": item["BackupPlanName"], "tags": user_tags(own)}
            if arn in mine or scope.own(own):
                plan = yield aws("backup", "GetBackupPlan", {"BackupPlanId": id_})
                fields["rules"] = [_rule(rule) for rule in plan["BackupPlan"]["Rules"]]
            found.append(Observed(id_, fields, {"id": id_, "arn": arn}, scope.own(own), other=scope.other(own)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the plan."""
        params = {"BackupPlan": self._document(), "BackupPlanTags": scope.tags(address, self.tags)}
        reply = yield aws("backup", "CreateBackupPlan", params)
        return {"id": reply["BackupPlanId"], "arn": reply["BackupPlanArn"]}

    def _document(self) -> dict[str, Any]:
        return {"BackupPlanName": self.name, "Rules": [_parameters(rule) for rule in self.rules]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Replace the plan's document, which makes a new version of it; then tags."""
        if changed & {"name", "rules"}:
            params = {"BackupPlanId": observed.id, "BackupPlan": self._document()}
            yield aws("backup", "UpdateBackupPlan", params)
        if changed & {"tags", "owner"}:
            yield from BACKUP.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the plan; recovery points stay."""
        yield aws("backup", "DeleteBackupPlan", {"BackupPlanId": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names differ, schedules can be read, cold storage lasts its minimum."""
        yield from matches("services", "backup.plan_name", self.name, "name")
        names = [rule.name for rule in self.rules]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("TW0494", f"two rules have the name {name!r}", "rules")
        for rule in self.rules:
            yield from matches("services", "backup.rule_name", rule.name, "rules")
            yield from schedule_problems(rule.schedule, "rules")
            yield from within("services", "backup.start_window", rule.start_window, "rules")
            yield from _lifecycle_problems(rule.name, rule)
            for copy in rule.copies:
                yield from _lifecycle_problems(rule.name, copy)
            if rule.continuous:
                yield from within("services", "backup.continuous_days", rule.delete_after_days or 0, "rules")


def _lifecycle_problems(name: str, part: Rule | Copy) -> Iterable[Problem]:
    cold, delete = part.cold_after_days, part.delete_after_days
    if cold is not None and delete is not None and delete < cold + COLD_DAYS:
        yield Problem(
            "TW0491",
            f"rule {name!r} deletes after {delete} days what it moves to cold storage after {cold}",
            "rules",
            f"cold storage lasts at least {COLD_DAYS} days: delete after {cold + COLD_DAYS} or later",
        )


def _lifecycle(part: Rule | Copy) -> dict[str, Any]:
    days = {"MoveToColdStorageAfterDays": part.cold_after_days, "DeleteAfterDays": part.delete_after_days}
    given = {name: value for name, value in days.items() if value is not None}
    return {"Lifecycle": given} if given else {}


def _parameters(rule: Rule) -> dict[str, Any]:
    copies = [{"DestinationBackupVaultArn": copy.vault_arn, **_lifecycle(copy)} for copy in rule.copies]
    return {
        "RuleName": rule.name,
        "TargetBackupVaultName": rule.vault,
        "ScheduleExpression": rule.schedule,
        "ScheduleExpressionTimezone": rule.timezone,
        "StartWindowMinutes": rule.start_window,
        "CompletionWindowMinutes": rule.completion_window,
        "EnableContinuousBackup": rule.continuous,
        **_lifecycle(rule),
        **({"CopyActions": copies} if copies else {}),
    }


def _rule(item: Mapping[str, Any]) -> dict[str, Any]:
    def days(part: Mapping[str, Any]) -> dict[str, Any]:
        lifecycle = part.get("Lifecycle") or {}
        return {
            "cold_after_days": lifecycle.get("MoveToColdStorageAfterDays"),
            "delete_after_days": lifecycle.get("DeleteAfterDays"),
        }

    return {
        "name": item["RuleName"],
        "vault": item["TargetBackupVaultName"],
        "schedule": item["ScheduleExpression"],
        "timezone": item.get("ScheduleExpressionTimezone", "Etc/UTC"),
        "start_window": item.get("StartWindowMinutes"),
        "completion_window": item.get("CompletionWindowMinutes"),
        "continuous": item.get("EnableContinuousBackup", False),
        "copies": [{"vault_arn": c["DestinationBackupVaultArn"], **days(c)} for c in item.get("CopyActions") or ()],
        **days(item),
    }
