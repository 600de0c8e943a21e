"""A PostgreSQL client as a runbook has one: it logs in with a login that was saved, and sends one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.resources.call import Call, Refused
from twin.semantics.postgres.statements import NOT_SUPPORTED, SqlError, read
from twin.world.behaviors.rds_roles import UNREACHED, WRONG_PASSWORD, execute
from twin.world.scene import Scene

QUERY, EXECUTE = "query", "execute"
STATUS = {WRONG_PASSWORD: 401, UNREACHED: 503}


@dataclass(slots=True)
class PostgresSystem:
    """Databases of the world, as the holder of a login reaches them; the code of a refusal is the SQLSTATE."""

    scene: Scene
    login: Mapping[str, str]
    calls: int = 0

    def execute(self, call: Call) -> Any:
        """Send the statement of a call, and return its `rows`; `query` only reads, `execute` only changes."""
        self.calls += 1
        try:
            return {"rows": self._sent(call)}
        except SqlError as error:
            status = STATUS.get(error.code, 400)
            raise Refused(call, error.code, error.message, status=status, transient=error.code == UNREACHED) from error

    def _sent(self, call: Call) -> list[str]:
        host = {"host": call.params["host"]} if "host" in call.params else {}
        statement = str(call.params["statement"])
        if (read(statement).verb == "select") != (call.operation == QUERY):
            raise SqlError(NOT_SUPPORTED, f"`postgres {call.operation}` is not how this statement is sent")
        return execute(self.scene, {**self.login, **host}, statement)
