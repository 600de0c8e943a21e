"""DynamoDB: a PartiQL statement makes no item twice, and one that the store cannot read is refused by name."""

import re
from typing import Any

from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.parsing import partiql

from twin.world.aws_errors import AwsError
from twin.world.stores.additions import adds

executed_by_moto = DynamoDBBackend.execute_statement
KNOWN = re.compile(r"\s*(select|insert|update|delete|exists)\b", re.IGNORECASE)
INSERT = re.compile(r"\s*insert\b", re.IGNORECASE)


@adds(DynamoDBBackend)
def execute_statement(backend: Any, statement: str, parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Carry out a statement."""
    if not KNOWN.match(statement):
        raise DynamodbException("ValidationException", "Statement wasn't well formed, can't be processed")
    try:
        if INSERT.match(statement):
            _is_new(backend, statement, parameters)
        return executed_by_moto(backend, statement, parameters)
    except DynamodbException:
        raise
    except Exception as error:
        raise AwsError(
            "TwinUnsupportedOperation", f"The twin does not read this PartiQL statement: {statement}"
        ) from error


def _is_new(backend: Any, statement: str, parameters: list[dict[str, Any]]) -> None:
    made = partiql.query(statement, {name: [] for name in backend.tables}, parameters)[1]
    for name, changes in made.items():
        table = backend.tables[name]
        for item in (after for _, after in changes if after is not None):
            key = [DynamoType(item[own]) for own in (table.hash_key_attr, table.range_key_attr) if own]
            if table.get_item(*key) is not None:
                raise DynamodbException("DuplicateItemException", "Duplicate primary key exists in table")
