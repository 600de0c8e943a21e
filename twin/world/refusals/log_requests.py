"""What CloudWatch Logs refuses about events, patterns, queries and groups, and which queries the twin does not do.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
"""

import json
import re

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.signals.log_conditions import PatternError
from twin.world.signals.log_patterns import compile_pattern
from twin.world.signals.log_queries import uncommented

LARGEST, EXTRA = 1_048_576, 26
FIELDS = {"@timestamp", "@message", "@logStream", "@log", "@ptr"}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
COMMANDS = {
    "fields", "limit", "sort", "filter", "filterindex", "stats", "parse", "display", "dedup", "pattern", "diff",
    "unmask", "unnest", "anomaly", "lookup", "join", "source", "addtotals",
}  # fmt: skip
DONE = {"fields", "limit", "sort"}
OWN = "CWLI"
GROUPS = ("logGroupName", "logGroupNames", "logGroupIdentifiers")


@refuses("logs", "PutLogEvents")
def size_of_an_event(asked: Asked) -> None:
    """An event has at most a mebibyte, its head included."""
    for event in asked.parameters.get("logEvents") or ():
        size = len(str(event.get("message", "")).encode()) + EXTRA
        if size > LARGEST:
            raise _invalid(f"Log event too large: {size} bytes exceeds limit of {LARGEST}")


@refuses("logs", "FilterLogEvents", "PutSubscriptionFilter")
def pattern_of_a_filter(asked: Asked) -> None:
    """A pattern is one."""
    pattern = asked.parameters.get("filterPattern")
    try:
        compile_pattern(pattern or "")
    except PatternError as wrong:
        raise _invalid("Invalid filter pattern") from wrong


@refuses("logs", "StartQuery")
def query(asked: Asked) -> None:
    """A query is about groups and in commands that there are; the twin selects, sorts by time and limits.

    Queries in other languages, and those that begin with `source`, name their groups themselves.
    """
    given = asked.parameters
    language = given.get("queryLanguage") or OWN
    if language != OWN:
        raise Refusal("TwinUnsupportedOperation", f"The twin does not read queries in {language} (logs:StartQuery).")
    parts = [part.strip() for part in uncommented(str(given.get("queryString", ""))).split("|")]
    if not any(given.get(name) for name in GROUPS) and parts[0].lower().split()[:1] != ["source"]:
        raise _invalid("Must specify one of the following: logGroupName, logGroupNames or logGroupIdentifiers.")
    for part in parts:
        word, *rest = part.split(None, 1) or [""]
        command = word.lower()
        if command not in COMMANDS:
            raise Refusal("MalformedQueryException", f"unexpected symbol found {word or '|'}")
        named = set(re.findall(r"@?\w+", "".join(rest)))
        wrong = command not in DONE or (command == "fields" and not named <= FIELDS)
        if wrong or (command == "sort" and not named <= {"@timestamp", "asc", "desc"}):
            raise Refusal("TwinUnsupportedOperation", f"The twin does not carry out '{part}' (logs:StartQuery).")


@refuses("logs", "GetQueryResults")
def query_is_there(asked: Asked) -> None:
    """A query whose results are asked for was started."""
    if asked.parameters.get("queryId") not in asked.state().queries:
        raise Refusal("ResourceNotFoundException", f"The specified query does not exist: {asked.parameters['queryId']}")


@refuses("logs", "DeleteMetricFilter")
def filter_is_there(asked: Asked) -> None:
    """A filter that goes was there."""
    name, group = asked.parameters.get("filterName"), asked.parameters.get("logGroupName")
    kept = asked.state().filters.metric_filters
    if not any((one["filterName"], one["logGroupName"]) == (name, group) for one in kept):
        raise Refusal("ResourceNotFoundException", "The specified metric filter does not exist.")


@refuses("logs", "TagResource", "UntagResource", "ListTagsForResource")
def group_is_there(asked: Asked) -> None:
    """What is tagged is there."""
    _, found, name = str(asked.parameters.get("resourceArn")).partition(":log-group:")
    if found and name.removesuffix(":*") not in asked.state().groups:
        raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")


@refuses("logs", "PutResourcePolicy")
def policy_document(asked: Asked) -> None:
    """A policy is a document."""
    try:
        told = json.loads(str(asked.parameters.get("policyDocument") or ""))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _invalid("The policy document is not valid JSON.")


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)
