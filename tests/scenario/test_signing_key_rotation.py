"""K4, the rotation of a signing key: it passes, each mistake fails for its own reason, the same seed repeats it."""

import json

import pytest
from joserfc import jwk, jwt
from werkzeug.datastructures import Headers

from twin.scenario.simulated_api import ApiOptions, SimulatedApi
from twin.semantics.tokens import Accepted, Expectations
from twin.wire import Response

ISSUER = "https://acme.okta.com/oauth2/default"


WANTED = {
    None: "PASS",
    "rotate-and-revoke-at-once": "FAIL",
    "revoke-before-tokens-are-over": "FAIL",
    "pinned-key": "FAIL",
    "nothing-done": "FAIL",
    "nobody-calls": "VACUOUS",
}
GATE = ("rotate-and-revoke-at-once",)


@pytest.fixture(scope="module")
def told(plays, whole):
    """K4 with its variants, the gate's with one of them."""
    return plays("K4", "every") if whole else plays.some("K4", *GATE)


def test_k4_passes_and_every_mistake_fails(told, whole):
    """Each variant has the verdict that it should."""
    played = WANTED if whole else (None, *GATE)
    assert (told.code, told.verdicts) == (0, {variant: WANTED[variant] for variant in played})


def test_each_mistake_of_k4_fails_for_its_own_reason(told):
    """Calls are refused for a key that is unknown; where nothing is done, only the old key is still there."""
    lost = {
        name: {c["name"] for c in r["checks"] if not c["held"] and c["kind"] != "effect"}
        for name, r in told.results.items()
        if WANTED[name] != "VACUOUS"
    }
    assert lost.pop(None) == set()
    assert lost.pop("nothing-done", {"the-old-key-is-gone"}) == {"the-old-key-is-gone"}
    assert lost
    for name, what in lost.items():
        assert what == {"no-call-fails"}
        figures = told.results[name]["figures"]
        assert figures["services.refused_unknown_key"] == figures["services.failed"]


@pytest.mark.catalogue
def test_k4_repeats_with_its_seed(told, plays):
    """The journal does not differ in a byte."""
    assert plays.again("K4", GATE[0]).journal in told.journal


def test_k4_tells_no_secret(told):
    """The journal holds no client secret."""
    assert len(told.journal) > 1000
    assert b"secret" not in told.journal.lower()


class Issuer:
    """An issuer with keys of a test's own; `answer` serves those that are published now."""

    def __init__(self):
        self.keys = {kid: jwk.RSAKey.generate_key(2048, {"kid": kid, "alg": "RS256", "use": "sig"}) for kid in "ab"}
        self.published, self.up = ["a"], True

    def answer(self, _request):
        body = {"keys": [self.keys[kid].as_dict(private=False) for kid in self.published]}
        return Response(200 if self.up else 503, Headers(), json.dumps(body).encode())

    def token(self, kid):
        return jwt.encode({"alg": "RS256", "kid": kid}, {"iss": ISSUER, "aud": "api", "exp": 10**9}, self.keys[kid])


@pytest.mark.parametrize(
    ("options", "known_after"),
    [
        ({"keep": 600, "refetch": True}, 31),
        ({"keep": 600, "refetch": False}, 600),
        ({"keep": 600, "pinned": True}, None),
    ],
    ids=["refetching", "keeping", "pinned"],
)
def test_an_api_learns_a_new_key_as_its_cache_lets_it(options, known_after):
    """At once but for the pause, when its copy is old, or never."""
    issuer = Issuer()
    expected = Expectations(issuers=(ISSUER,), audiences=("api",))
    api = SimulatedApi("x", ApiOptions(**options), jwks="https://x/keys", expected=expected, handle=issuer.answer)
    assert isinstance(api.call(issuer.token("a"), 0), Accepted)
    issuer.published = ["b"]
    token = issuer.token("b")
    learned = next((now for now in range(1, 7200) if isinstance(api.call(token, now), Accepted)), None)
    assert known_after is learned or abs(known_after - learned) <= 1
    assert api.reads <= 3


def test_an_api_goes_on_with_its_copy_while_the_issuer_is_away():
    """For as long again as it keeps it, and no longer."""
    issuer = Issuer()
    api = SimulatedApi("x", ApiOptions(keep=600), jwks="https://x/keys", expected=Expectations(), handle=issuer.answer)
    assert isinstance(api.call(issuer.token("a"), 0), Accepted)
    issuer.up = False
    assert isinstance(api.call(issuer.token("a"), 1100), Accepted)
    assert not isinstance(api.call(issuer.token("a"), 1300), Accepted)
