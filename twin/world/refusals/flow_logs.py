"""What EC2 refuses about flow logs; what the twin does not write is refused by name."""

from twin.world.behaviors.flow_log_records import fields_of
from twin.world.refusals import Asked, Refusal, refuses

DESTINATIONS = (None, "cloud-watch-logs", "s3")


@refuses("ec2", "CreateFlowLogs")
def format_known(asked: Asked) -> None:
    """A format is made of documented fields, each as `${field}`, with one space between them."""
    told = asked.parameters.get("LogFormat")
    if told is not None and fields_of(told) is None:
        why = f"1 validation error detected: Value '{told}' at 'logFormat' has an invalid format"
        raise Refusal("InvalidParameter", why)


@refuses("ec2", "CreateFlowLogs")
def written_here(asked: Asked) -> None:
    """Lines of text go to log groups and buckets; Firehose, Parquet and other partitions are not there."""
    kind, options = asked.parameters.get("LogDestinationType"), asked.parameters.get("DestinationOptions") or {}
    if kind not in DESTINATIONS:
        raise Refusal("TwinUnsupportedOperation", f"The twin does not write flow logs to {kind}.")
    strange = [name for name, value in options.items() if value not in ("plain-text", False)]
    if strange:
        raise Refusal("TwinUnsupportedOperation", f"The twin does not write flow logs with {strange[0]}.")
