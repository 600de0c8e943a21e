"""Who may log in to a PostgreSQL database of RDS: its master, and the roles that were made with statements.

No wire protocol is spoken: whoever plays a client of a database asks here.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twin.semantics.postgres.statements import NOT_SUPPORTED, SqlError, Statement, read
from twin.world.behaviors.rds_reachability import reachable
from twin.world.scene import Scene
from twin.world.stores.rds_instances import instances, is_member, where_is
from twin.world.stores.rds_passwords import master_password, origin_of

# https://www.postgresql.org/docs/16/errcodes-appendix.html
UNREACHED, UNKNOWN_HOST, WRONG_PASSWORD, NO_LOGIN = "08006", "08001", "28P01", "28000"
READ_ONLY, DENIED, NO_ROLE, ROLE_EXISTS, NO_TABLE = "25006", "42501", "42704", "42710", "42P01"
Role = dict[str, Any]


def log_in(scene: Scene, login: Mapping[str, Any]) -> str:
    """Return the ARN of the DB instance that takes a log-in of `host`, `username`, `password`; SqlError otherwise."""
    return str(_let_in(scene, login).arn)


def execute(scene: Scene, login: Mapping[str, Any], statement: str) -> list[str]:
    """Log in and carry out one statement; returns its rows, or SqlError."""
    database, wanted = _let_in(scene, login), read(statement)
    if wanted.verb == "select":
        return [scene.now().isoformat()]
    if database.source_db_instance_identifier:
        raise SqlError(READ_ONLY, f"cannot execute {wanted.verb.upper()} ROLE in a read-only transaction")
    _change(scene, database, str(login["username"]), wanted)
    return []


def inherit_roles(database: Any, origin: Any, until: datetime) -> None:
    """Give a DB instance that was made of another's content the roles that this had at a time."""
    database.role_changes = [change for change in origin_of(origin).role_changes if change[0] <= until]


def _let_in(scene: Scene, login: Mapping[str, Any]) -> Any:
    host, user, password = (str(login.get(name, "")) for name in ("host", "username", "password"))
    database = next((one for one in instances() if host and one.address == host.lower()), None)
    if database is None:
        raise SqlError(UNKNOWN_HOST, f'could not translate host name "{host}" to address: Name or service not known')
    good, why = reachable(scene, str(database.arn))
    if not good:
        raise SqlError(UNREACHED, f'connection to server at "{host}" failed: {why}')
    if database.engine != "postgres" or is_member(database):
        raise SqlError(
            NOT_SUPPORTED, f"the twin knows no log-ins of {database.engine}, only of DB instances of postgres"
        )
    role = _roles(database).get(user)
    known = master_password(database) if user == database.master_username else None
    if not password or (role is None and known is None):
        raise _wrong(user)
    right = (role or {}).get("password") if known is None else _digest(user, known)
    if right is None or not hmac.compare_digest(right, _digest(user, password)):
        raise _wrong(user)
    if role is not None and not role["login"]:
        raise SqlError(NO_LOGIN, f'role "{user}" is not permitted to log in')
    return database


def _wrong(user: str) -> SqlError:
    return SqlError(WRONG_PASSWORD, f'password authentication failed for user "{user}"')


def _change(scene: Scene, database: Any, by: str, wanted: Statement) -> None:
    """Make, change or drop a role; the master may do so with each, anybody else changes the own password alone."""
    name, master = wanted.role, database.master_username
    roles = _roles(database)
    if by != master and not (wanted.verb == "alter" and name == by and wanted.login is None):
        raise SqlError(DENIED, f"permission denied to {wanted.verb} role")
    if name == master:
        raise SqlError(NOT_SUPPORTED, f"the twin changes {master} by rds:ModifyDBInstance alone")
    if wanted.verb == "create" and name in roles:
        raise SqlError(ROLE_EXISTS, f'role "{name}" already exists')
    if wanted.verb != "create" and name not in roles:
        if wanted.if_exists:
            return
        raise SqlError(NO_ROLE, f'role "{name}" does not exist')
    role: Role | None = None
    if wanted.verb != "drop":
        role = dict(roles.get(name, {"login": False, "password": None}))
        role["login"] = role["login"] if wanted.login is None else wanted.login
        role["password"] = role["password"] if wanted.password is None else _digest(name, wanted.password)
    database.role_changes.append((scene.now(), name, role))
    where = where_is(database)
    scene.emit(
        "rds.role.changed", account=where.account, region=where.region, id=database.resource_id,
        arn=str(database.arn), role=name, change=wanted.verb,
    )  # fmt: skip


def _roles(database: Any) -> dict[str, Role]:
    """Return the roles of a DB instance by name; a read replica has its source's."""
    held = {name: role for _, name, role in origin_of(database).role_changes}
    return {name: role for name, role in held.items() if role is not None}


def _digest(role: str, password: str) -> str:
    """Return what is kept of a password."""
    return hashlib.sha256(f"{role}\0{password}".encode()).hexdigest()
