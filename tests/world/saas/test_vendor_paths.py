"""Paths of vendors' APIs: escapes are read in their own part of the path."""

import pytest
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.saas.router import Router


@pytest.mark.parametrize(
    ("sent", "read"),
    [("ada%40acme.example", "ada@acme.example"), ("prod%2Feu", "prod/eu"), ("a%2520b", "a%20b"), ("%C3%A9", "é")],
)
def test_a_part_of_a_path_is_read_without_its_escapes(sent, read):
    """A client escapes what stands in a name; an escaped slash does not part the path."""
    router = Router()
    router.route("GET", "/users/<key>/groups")(lambda state, hit: None)
    _, hit = router.match(Request("GET", f"https://acme.okta.com/users/{sent}/groups", Headers(), b""))
    assert hit.path == {"key": read}
