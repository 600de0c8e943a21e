"""Whose content a DB instance has, and the password that its master has or had."""

import json
from datetime import UTC, datetime
from typing import Any

from twin.world.stores.rds_instances import named_instance, where_is


def origin_of(database: Any) -> Any:
    """Return the DB instance whose content a DB instance has: itself, or what it replicates.

    A source that is younger than its replica is another of the same name: a snapshot keeps what its replica was.
    """
    while database.source_db_instance_identifier:
        source = named_instance(str(database.source_db_instance_identifier), where_is(database))
        if source is None or _made(source) > _made(database):
            break
        database = source
    return database


def _made(database: Any) -> datetime:
    made: datetime = database.instance_create_time
    return made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)


def master_password(database: Any, until: datetime | None = None) -> str | None:
    """Return the master's password: the one that was given, or what the secret has, or had, that RDS manages.

    Of one that was given there is no history: it is the last.
    """
    database = origin_of(database)
    if not database.manage_master_user_password:
        return getattr(database, "_master_user_password", None)
    secret = database.master_user_secret.secret
    text = secret.secret_string
    if until is not None:
        values = [each for each in secret.versions.values() if "secret_string" in each]
        then = [each for each in values if each["createdate"] <= until.timestamp()]
        text = max(then, key=lambda each: int(each["createdate"]))["secret_string"] if then else text
    told: dict[str, str] = json.loads(text)
    return told["password"]
