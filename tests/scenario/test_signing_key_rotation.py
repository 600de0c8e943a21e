"""K4, the rotation of a signing key: it passes, each mistake fails for its own reason, the same seed repeats it."""

import json

import pytest
from joserfc import jwk, jwt
from werkzeug.datastructures import Headers

from twin.scenario.simulated_api import ApiOptions, SimulatedApi
from twin.semantics.tokens import Accepted, Expectations
from twin.wire import Response

ISSUER = "https://acme.okta.com/oauth2/default"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """K4 with every variant, and alone once more with the same seed."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    patch = pytest.MonkeyPatch()
    patch.setenv("TWIN_HOME", str(folder / "home"))
    reports = [f"--report={form}={folder / f'all.{form}'}" for form in ("json", "journal")]
    codes = [
        run(["run", "K4", "--variants", *reports]),
        run(["run", "K4", f"--report=journal={folder / 'same.journal'}"]),
    ]
    patch.undo()
    return folder, codes


def test_k4_passes_and_every_mistake_fails(runs):
    """Each variant has the verdict that it should."""
    folder, codes = runs
    found = json.loads((folder / "all.json").read_text())
    assert codes == [0, 0]
    assert {r["variant"]: r["verdict"] for r in found["results"]} == {
        None: "PASS",
        "rotate-and-revoke-at-once": "FAIL",
        "revoke-before-tokens-are-over": "FAIL",
        "pinned-key": "FAIL",
        "nothing-done": "FAIL",
        "nobody-calls": "VACUOUS",
    }


def test_each_mistake_of_k4_fails_for_its_own_reason(runs):
    """Calls are refused for a key that is unknown; where nothing is done, only the old key is still there."""
    results = {r["variant"]: r for r in json.loads((runs[0] / "all.json").read_text())["results"]}
    lost = {
        name: {c["name"] for c in r["checks"] if not c["held"] and c["kind"] != "effect"} for name, r in results.items()
    }
    assert lost[None] == set()
    for name in ("rotate-and-revoke-at-once", "revoke-before-tokens-are-over", "pinned-key"):
        assert lost[name] == {"no-call-fails"}
        assert results[name]["figures"]["services.refused_unknown_key"] == results[name]["figures"]["services.failed"]
    assert lost["nothing-done"] == {"the-old-key-is-gone"}


def test_k4_repeats_with_its_seed_and_tells_no_secret(runs):
    """The journal does not differ in a byte, and holds no client secret."""
    folder, _ = runs
    same = (folder / "same.journal").read_bytes()
    assert (folder / "all.journal").read_bytes().startswith(same)
    assert b"secret" not in same.lower()


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
    learned = next((now for now in range(1, 7200) if isinstance(api.call(issuer.token("b"), now), Accepted)), None)
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
