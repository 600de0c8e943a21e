"""DynamoDB deletes items whose time to live is over, within a few days; until then they are still read.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from twin.world.due import habit

LATE = timedelta(
    seconds=json.loads((Path(__file__).parent / "dynamodb_delays.json").read_text())["expiry_seconds"]["value"]
)
# What is more than five years past is taken for a mistake, and kept.
LONGEST = timedelta(days=5 * 365)


@habit("dynamodb")
def expire() -> None:
    """Delete what has been over for long enough, of tables that have a time to live."""
    from twin.world.stores.moto_store import CLOCK, backends

    now = CLOCK.now().timestamp()
    for account in backends("dynamodb").values():
        for backend in account.values():
            for table in backend.tables.values():
                if table.ttl.get("TimeToLiveStatus") == "ENABLED":
                    _expire(table, now)


def _expire(table: Any, now: float) -> None:
    name = table.ttl["AttributeName"]
    for item in list(table.all_items()):
        told = item.attrs.get(name)
        if told is None or not told.is_number():
            continue
        over = now - float(told.value)
        if LATE.total_seconds() <= over < LONGEST.total_seconds():
            table.delete_item(item.hash_key, item.range_key)
