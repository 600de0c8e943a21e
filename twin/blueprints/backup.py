"""Backups: the vault, the plans and what each plan covers."""

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.documents import trust
from twin.blueprints.names import arn_of, key_arn
from twin.resources.aws.backup import Plan, Rule, Vault
from twin.resources.aws.backup_selection import Selection
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_role import Role
from twin.resources.declaration import Path
from twin.spec.model.audit import Backup, BackupPlan

SERVICE = "backup.amazonaws.com"
POLICIES = {
    "backup": "service-role/AWSBackupServiceRolePolicyForBackup",
    "restore": "service-role/AWSBackupServiceRolePolicyForRestores",
    "s3-backup": "AWSBackupServiceRolePolicyForS3Backup",
    "s3-restore": "AWSBackupServiceRolePolicyForS3Restore",
}


def build(blueprint: Blueprint) -> None:
    """Declare the vault, the role of AWS Backup, and the plans."""
    backup = blueprint.org.backup
    if backup is None:
        return
    at: Path = ("backup",)
    vault = Vault(name=blueprint.name(backup.vault), kms_key=key_arn(backup.key))
    kept = blueprint.add("main", vault, at, {"name": (*at, "vault")})
    ours = {"StringEquals": {"aws:SourceAccount": blueprint.scope.account}}
    role = Role(name=blueprint.name("backup"), description="Makes and restores backups", trust=trust(SERVICE, ours))
    maker = blueprint.add("backup", role, at)
    for label in _needed(backup):
        attachment = Attachment(role=maker.id, policy=f"arn:aws:iam::aws:policy/{POLICIES[label]}")
        blueprint.add(f"backup-{label}", attachment, at)
    for name, plan in backup.plans.items():
        _plan(blueprint, name, plan, kept.id, maker.arn)


def _needed(backup: Backup) -> list[str]:
    buckets = any(item.startswith("data.buckets.") for plan in backup.plans.values() for item in plan.items)
    return list(POLICIES) if buckets else ["backup", "restore"]


def _plan(blueprint: Blueprint, name: str, intent: BackupPlan, vault: str, role: str) -> None:
    at: Path = ("backup", "plans", name)
    rule = Rule(
        name=name,
        vault=vault,
        schedule=intent.schedule,
        cold_after_days=intent.cold_after.days if intent.cold_after else None,
        delete_after_days=intent.retention.days,
    )
    plan = blueprint.add(name, Plan(name=blueprint.name(name), rules=[rule]), at, {"rules": (*at, "schedule")})
    arns = []
    for index, item in enumerate(intent.items):
        arn = arn_of(blueprint, item)
        if arn is None or not item.startswith(("compute.databases.", "data.tables.", "data.buckets.")):
            message = f"AWS Backup does not back up `{item}`"
            blueprint.problem("TW0728", message, (*at, "items", index), "name databases, tables or buckets")
        else:
            arns.append(arn)
    selection = Selection(plan=plan.id, name=name, role=role, resources=arns)
    blueprint.add(name, selection, at, {"resources": (*at, "items")})
