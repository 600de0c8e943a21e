"""The way back: the phases of a response, and the headers that the edge adds itself."""

from typing import Any

from twin.semantics.edge.evaluation import Matched
from twin.semantics.edge.outcome import Lines
from twin.semantics.edge.reference import fact
from twin.semantics.edge.replies import Reply
from twin.semantics.edge.transport import promises
from twin.semantics.edge.way import Way

ERRORS = "http_custom_errors"
LEAST_ERROR = 400


def pass_back(way: Way, reply: Reply) -> Reply:
    """Take a response through its phases; each sees what the one before made of it."""
    for phase in fact("phases")["response"]:
        if phase == ERRORS and reply.status < LEAST_ERROR:
            continue
        way.hear(reply.status, reply.headers)
        way.reply = reply
        way.evaluation.run(phase, lambda matched: _act(way, matched))
        reply = way.reply
    return reply


def _act(way: Way, matched: Matched) -> bool:
    reply, action, given = way.reply, matched.rule["action"], matched.parameters
    assert reply is not None
    if action == "serve_error":
        way.reply = _error(reply, given)
        return True
    if action == "rewrite" and "headers" in given:
        headers = way.headers(reply.headers, given["headers"])
        way.reply = Reply(reply.status, headers, reply.body, reply.code, reply.by)
    elif action == "block":
        way.reply = Reply(403, {"content-type": ("text/plain; charset=UTF-8",)}, b"error code: 1020", 1020)
        return True
    return False


def _error(reply: Reply, given: dict[str, Any]) -> Reply:
    """Return a custom error: the rule's content and status, else the status of the error.

    https://developers.cloudflare.com/rules/custom-errors/
    """
    kind = given.get("content_type", "text/html")
    body = str(given.get("content", "")).encode()
    return Reply(given.get("status_code", reply.status), {"content-type": (kind,)}, body, reply.code, reply.by)


def finished(way: Way, reply: Reply, cache: str) -> Lines:
    """Return the headers that the visitor gets."""
    own: dict[str, tuple[str, ...]] = {"server": ("cloudflare",), "cf-ray": (f"{way.first.ray}-{way.first.colo}",)}
    if cache:
        own["cf-cache-status"] = (cache,)
    return {**promises(way.zone, way.first), **reply.headers, **own}
