"""What DynamoDB refuses about a restore to a point in time, and what the twin does not do of it.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
"""

from twin.world.refusals import Asked, Refusal, refuses


@refuses("dynamodb", "RestoreTableToPointInTime")
def point_in_time_is_kept(asked: Asked) -> None:
    """A table goes back in time only while its points in time are kept; the twin has its latest state alone."""
    given = asked.parameters
    name = str(given.get("SourceTableName") or given.get("SourceTableArn") or "").rpartition("/")[2]
    table = asked.state().tables.get(name)
    if table is None:
        return
    kept = (table.continuous_backups or {}).get("PointInTimeRecoveryDescription") or {}
    if kept.get("PointInTimeRecoveryStatus") != "ENABLED":
        message = f"Point in time recovery is not enabled for table '{name}'"
        raise Refusal("PointInTimeRecoveryUnavailableException", message)
    if given.get("RestoreDateTime") is not None:
        raise Refusal(
            "TwinUnsupportedOperation",
            "The twin restores a table to its latest state only (dynamodb:RestoreTableToPointInTime).",
        )
