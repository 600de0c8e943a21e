"""The envelope that Cloudflare puts around every JSON answer, and the refusals that travel in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.router import json_response


@dataclass(eq=False)
class Refusal(Exception):
    """An answer of failure: the HTTP status and one vendor error, with its chain and source if it has them."""

    status: int
    error: dict[str, Any]


def refusal(name: str, /, *, pointer: str = "", chain: "Refusal | None" = None, **words: object) -> Refusal:
    """Build the refusal called `name` in `data/refusals.json`, its message filled with `words`."""
    entry = reference("refusals", "refusals")[name]
    error: dict[str, Any] = {"code": entry["code"], "message": entry["message"].format(**words)}
    if chain:
        error["error_chain"] = [chain.error]
    if pointer:
        error["source"] = {"pointer": pointer}
    return Refusal(entry["status"], error)


def success(
    result: Any, *, messages: tuple[Mapping[str, Any], ...] = (), info: Any = None, status: int = 200
) -> Response:
    """Answer with `result`; `info` is the `result_info` of a list."""
    body = {"result": result, "success": True, "errors": [], "messages": list(messages)}
    if info is not None:
        body["result_info"] = info
    return json_response(status, body)


def failure(refused: Refusal) -> Response:
    """Answer a refusal in the envelope."""
    body = {"result": None, "success": False, "errors": [refused.error], "messages": []}
    return json_response(refused.status, body)


def stamp(instant: datetime) -> str:
    """Write an instant as zones, records, rulesets and pools do: UTC with microseconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def second_stamp(instant: datetime) -> str:
    """Write an instant as API tokens do: UTC, whole seconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
