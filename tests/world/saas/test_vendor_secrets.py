"""Credentials and texts in letters that no vendor gives out."""

import pytest
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.equal import same
from twin.world.saas.router import Hit

ODD = "ké"


def test_secrets_are_compared_whatever_their_letters():
    """Accents and halves of a surrogate pair are unequal, not a failure."""
    assert same("key", "key")
    assert not any(same("key", given) for given in ("kex", ODD, "\ud800", ""))


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("api.pagerduty.com/users", {"Authorization": f"Token token={ODD}"}, 401),
        ("api.datadoghq.com/api/v1/monitor", {"DD-API-KEY": ODD, "DD-APPLICATION-KEY": ODD}, 403),
        ("acme.okta.com/api/v1/users", {"Authorization": f"SSWS {ODD}"}, 401),
        ("api.github.com/user", {"Authorization": f"Bearer {ODD}"}, 401),
        ("api.cloudflare.com/client/v4/zones", {"Authorization": f"Bearer {ODD}"}, 400),
    ],
)
def test_a_credential_in_other_letters_is_refused(world, host, headers, status):
    """As any other that is wrong."""
    assert world.handle(Request("GET", f"https://{host}", Headers(list(headers.items())), b"")).status == status


def test_half_of_a_pair_is_no_json():
    """A body that no text can hold is not read; whole pairs are."""
    request = Request("POST", "https://x/", Headers(), b'{"a": "\\ud83d\\ude00"}')
    assert Hit(request, {}, None).json() == {"a": "\U0001f600"}
    with pytest.raises(ValueError, match="surrogates"):
        Hit(Request("POST", "https://x/", Headers(), b'{"a": "\\ud800"}'), {}, None).json()
