"""What is said to a caller whose token for a page is none: moto stumbles over it."""

import json
from functools import cache
from pathlib import Path

from moto.utilities import paginator

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

TOKENS = ("NextToken", "nextToken", "Marker", "marker", "PaginationToken", "StartRecordName")
ANY = "*"


class UnknownPage(ValueError):
    """A token that no list of the store gave out; moto would answer it in JSON, whatever the protocol."""


vars(paginator)["InvalidToken"] = UnknownPage


def unknown_page(call: Call) -> AwsError | None:
    """Return the refusal of a call that named a page; None for a call that named none."""
    if not any(call.parse().get(name) for name in TOKENS):
        return None
    return AwsError(_codes().get(call.service, _codes()[ANY]), "The token for the next page is not valid.")


@cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = json.loads(Path(__file__).with_name("page_tokens.json").read_text("utf-8"))["codes"]
    return found
