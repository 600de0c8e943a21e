"""Of what a store of data was made: a database of another one, a bucket of what S3 replicates into it."""

from collections.abc import Mapping
from typing import Any

from twin.world.behaviors.rds_course import notes
from twin.world.due.s3_replication import DELAY
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

BUCKET = "arn:aws:s3:::"


def made(scene: Scene, store: str) -> Mapping[str, Any]:
    """Return what the ledger asks of a store: `content` is of which other one it was made, and how far."""
    return _copies(scene, store) if store.startswith(BUCKET) else notes(scene, store)


def _copies(scene: Scene, store: str) -> Mapping[str, Any]:
    """Return from which bucket copies come; what waits is lost only while its Region is."""
    for account in list(backends("s3").values()):
        for bucket in account["aws"].buckets.values():
            rules = (getattr(bucket, "replication", None) or {}).get("Rule", ())
            if any(rule["Status"] == "Enabled" and rule["Destination"]["Bucket"] == store for rule in rules):
                late = DELAY.total_seconds() if scene.conditions.broken("region", bucket.region_name) else 0.0
                return {"content": {"of": f"{BUCKET}{bucket.name}", "until": scene.now(), "lag": late}}
    return {}
