"""Data lies encrypted: TW1013."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding
from twin.resources.declaration import Declaration

RULE = "TW1013"


def prove(case: Case) -> Iterator[Finding]:
    """Yield the stores that keep data in the clear, leaving out what AWS always encrypts (S3, DynamoDB, secrets)."""
    for one, values in case.planned.of("aws.rds.instance", "aws.rds.cluster"):
        if not values.get("storage_encrypted"):
            yield _clear(one, "storage_encrypted", "the database, its backups and snapshots are", "set it; a database "
                         "that exists is replaced")  # fmt: skip
    for one, values in case.planned.of("aws.ec2.launch_template"):
        volume: Mapping[str, Any] = values.get("volume") or {}
        if volume and not volume.get("encrypted"):
            yield _clear(one, "volume", "the disks of its instances are", "set `encrypted` of the volume")
    for one, values in case.planned.of("aws.sns.topic"):
        if not values.get("kms_key"):
            yield Finding(
                RULE, "note", f"{one.address}: messages wait for delivery unencrypted", one, "kms_key",
                mend="give the topic a key", about="kms_key",
            )  # fmt: skip


def _clear(one: Declaration, field: str, what: str, mend: str) -> Finding:
    return Finding(RULE, "error", f"{one.address}: {what} kept in the clear", one, field, mend=mend, about=field)
