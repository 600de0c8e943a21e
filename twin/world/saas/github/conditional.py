"""Conditional requests: what is read has an ETag, and who names it again is told that nothing changed.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

import hashlib

from twin.world.saas.stations import Served


def unchanged(served: Served) -> bool:
    """Give what was read its ETag; answer 304 without a body, and say so, where the caller has it already."""
    reply, request = served.response, served.call.request
    if request.method != "GET" or reply.status != 200:
        return False
    tag = f'"{hashlib.sha256(reply.body).hexdigest()}"'
    reply.headers["ETag"] = f"W/{tag}"
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if tag not in known and "*" not in known:
        return False
    reply.status, reply.body = 304, b""
    reply.headers.remove("Content-Type")
    return True
