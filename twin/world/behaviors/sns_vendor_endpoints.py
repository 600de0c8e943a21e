"""SNS reaches the vendors of the world itself: an HTTPS endpoint at one of them is called there and then."""

from typing import Literal
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.outbox import Post
from twin.world.scene import Scene

Outcome = Literal["taken", "again", "refused"]


def call(scene: Scene, post: Post) -> Outcome:
    """Call a vendor; what its server cannot answer now is tried again, what it refuses is not.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html: 429 and 5xx are tried again, other
    replies above 299 are final (assumed).
    """
    parts = urlsplit(post.url)
    vendor = scene.vendors.called("", parts.hostname or "", parts.path)
    if vendor is None:
        return "refused"
    status = scene.vendors.handle(
        vendor, Request("POST", post.url, Headers(list(post.headers.items())), post.body)
    ).status
    if status < 300:
        return "taken"
    return "again" if status == 429 or status >= 500 else "refused"
