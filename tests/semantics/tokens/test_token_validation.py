"""A careful API accepts the tokens of its issuer, and none that is forged, stale or meant for others."""

import base64
import hashlib
import hmac
import json
import re
import warnings

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwk, jws
from joserfc.errors import SecurityWarning

from twin.semantics.tokens import Accepted, Expectations, FixedKeys, Refused, decide, validate
from twin.semantics.tokens.verdict import REASONS

NOW = 1_700_000_000
CLAIMS = {"iss": "https://id.example", "aud": ["api", "other"], "sub": "ada", "exp": NOW + 60, "iat": NOW, "nbf": NOW}
CLAIMS["scp"] = ["read", "write"]
RSA = jwk.RSAKey.generate_key(2048, {"kid": "r1", "use": "sig", "alg": "RS256"}, private=True)
FREE = jwk.import_key({name: value for name, value in RSA.as_dict(private=True).items() if name != "alg"})
STRANGER = jwk.RSAKey.generate_key(2048, {"kid": "r1"}, private=True)
# 1024 bits and 6 bytes are too few: the point of the keys, which the library warns of.
warnings.simplefilter("ignore", SecurityWarning)
WEAK = jwk.RSAKey.generate_key(1024, {"kid": "weak"}, private=True)
EC = jwk.ECKey.generate_key("P-256", {"kid": "e1"}, private=True)
ED = jwk.OKPKey.generate_key("Ed25519", {"kid": "d1"}, private=True)
SECRET = jwk.OctKey.generate_key(256, {"kid": "h1"})
SHORT = jwk.OctKey.import_key({"kty": "oct", "k": "c2VjcmV0", "kid": "short"})
PUBLIC = [key.as_dict(private=False) for key in (RSA, EC, ED, WEAK)]
ENCRYPTION = {**RSA.as_dict(private=False), "kid": "enc", "use": "enc"}
KEYS = FixedKeys({"keys": [*PUBLIC, SECRET.as_dict(), SHORT.as_dict(), ENCRYPTION]})
EVERY = frozenset({"RS256", "RS384", "ES256", "ES384", "EdDSA", "HS256"})
API = Expectations(("https://id.example",), ("api",), EVERY, scopes=frozenset({"read"}))


def part(content):
    """Return a part of a token."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims=CLAIMS, key=RSA, algorithm="RS256", **header):
    """Sign claims."""
    protected = {"alg": algorithm, "kid": key.kid, **header}
    protected = {name: value for name, value in protected.items() if value is not None}
    return jws.serialize_compact(protected, json.dumps(claims), key, algorithms=[algorithm])


def reason(text, expected=API, now=NOW, keys=KEYS):
    """Return why a token is refused, None when it is accepted."""
    verdict = validate(text, keys, expected, now)
    return verdict.reason if isinstance(verdict, Refused) else None


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA"), (SECRET, "HS256")],
    ids=lambda each: str(each)[:9],
)
def test_token_of_the_issuer_is_accepted(key, algorithm):
    """With its claims and the key that signed it."""
    assert validate(token(key=key, algorithm=algorithm), KEYS, API, NOW) == Accepted(CLAIMS, algorithm, key.kid)


def test_header_may_be_long_and_hold_other_names():
    """A chain of certificates, or a name of the vendor's own, is no reason to refuse."""
    header = {"alg": "RS256", "kid": "r1", "x5c": ["A" * 2000], "vendor": 1}
    body = f"{part(header)}.{part(CLAIMS)}"
    signature = RSA.private_key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert reason(f"{body}.{part(signature)}") is None


def without(name):
    """Return the claims without one."""
    return {each: value for each, value in CLAIMS.items() if each != name}


@pytest.mark.parametrize(
    ("claims", "now", "why"),
    [
        (CLAIMS, NOW + 59, None),
        (CLAIMS, NOW + 60, "expired"),
        (CLAIMS, NOW - 1, "not_yet_valid"),
        (without("nbf"), NOW - 1, "issued_in_the_future"),
        (without("exp"), NOW, "missing_claim"),
        ({**CLAIMS, "exp": str(NOW + 60)}, NOW, "invalid_claim"),
        ({**CLAIMS, "exp": True}, NOW, "invalid_claim"),
        ({**CLAIMS, "exp": None}, NOW, "missing_claim"),
        ({**CLAIMS, "nbf": []}, NOW, "invalid_claim"),
        ({**CLAIMS, "exp": 10**400}, NOW, "invalid_claim"),
        ({**CLAIMS, "nbf": 10**400}, NOW, "invalid_claim"),
        ({**CLAIMS, "exp": NOW + 0.5}, NOW, None),
        ({**CLAIMS, "exp": -1}, NOW, "expired"),
        ({**CLAIMS, "iss": "https://id.example/"}, NOW, "wrong_issuer"),
        ({**CLAIMS, "iss": None}, NOW, "missing_claim"),
        ({**CLAIMS, "iss": ["https://id.example"]}, NOW, "invalid_claim"),
        ({**CLAIMS, "aud": None}, NOW, "missing_claim"),
        (without("iss"), NOW, "missing_claim"),
        ({**CLAIMS, "aud": "api"}, NOW, None),
        ({**CLAIMS, "aud": "apis"}, NOW, "wrong_audience"),
        ({**CLAIMS, "aud": []}, NOW, "wrong_audience"),
        ({**CLAIMS, "aud": {"api": 1}}, NOW, "invalid_claim"),
        (without("aud"), NOW, "missing_claim"),
        ({**CLAIMS, "scp": ["write"]}, NOW, "insufficient_scope"),
        ({**CLAIMS, "scp": ["reader"]}, NOW, "insufficient_scope"),
        ({**CLAIMS, "scp": ["write read"]}, NOW, "insufficient_scope"),
        ({**without("scp"), "scope": "write read"}, NOW, None),
        ({**without("scp"), "scope": "write\tread"}, NOW, "insufficient_scope"),
        ({**without("scp"), "scope": "write\u00a0read"}, NOW, "insufficient_scope"),
        (without("scp"), NOW, "insufficient_scope"),
    ],
)
def test_claims_decide_after_the_signature(claims, now, why):
    """Time, issuer, audience and scopes, each with the claim that just passes."""
    assert reason(token(claims), now=now) == why


def test_leeway_stretches_every_time():
    """A minute of leeway forgives clocks that differ by less than a minute, no more."""
    lenient = Expectations(algorithms=EVERY, leeway=60)
    assert reason(token(), lenient, NOW + 119) is None
    assert reason(token(), lenient, NOW + 120) == "expired"
    assert reason(token(), lenient, NOW - 60) is None
    assert reason(token(), lenient, NOW - 61) == "not_yet_valid"


def raw(header, claims):
    """Return a token of these parts with a signature of one byte."""
    return f"{part(header)}.{part(claims)}.AA"


def unsigned(algorithm):
    """Return a token without a signature."""
    return f"{part({'alg': algorithm, 'kid': 'r1'})}.{part(CLAIMS)}."


def confused():
    """Sign with the public key of the issuer as though it were a secret."""
    header = {"alg": "HS256", "kid": "r1"}
    body = f"{part(header)}.{part(CLAIMS)}"
    return f"{body}.{part(hmac.digest(RSA.as_pem(private=False), body.encode(), hashlib.sha256))}"


def altered():
    """Exchange the claims under a signature."""
    header, _, signature = token().split(".")
    return f"{header}.{part({**CLAIMS, 'sub': 'eve'})}.{signature}"


FORGED = {
    "alg none": (unsigned("none"), "unsigned"),
    "alg NoNe": (unsigned("NoNe"), "unsigned"),
    "public key as secret": (confused(), "key_mismatch"),
    "claims exchanged": (altered(), "bad_signature"),
    "signature cut off": (token().rsplit(".", 1)[0] + ".", "bad_signature"),
    "stranger's key of the same id": (token(key=STRANGER), "bad_signature"),
    "key brought along": (
        token(key=STRANGER, jwk=STRANGER.as_dict(private=False), kid="nobody"),
        "unknown_key",
    ),
    "key brought along under a known id": (token(key=STRANGER, jwk=STRANGER.as_dict(private=False)), "bad_signature"),
    "key for another algorithm": (token(key=FREE, algorithm="RS384"), "key_mismatch"),
    "algorithm that nobody allowed": (token(key=FREE, algorithm="RS512"), "algorithm_not_allowed"),
    "key for encryption": (token(kid="enc"), "key_mismatch"),
    "key of another type": (token(kid="e1"), "key_mismatch"),
    "key of 1024 bits": (token(key=WEAK), "weak_key"),
    "secret of 6 bytes": (token(key=SHORT, algorithm="HS256"), "weak_key"),
    "path as key id": (token(kid="../../dev/null"), "unknown_key"),
    "number as key id": (raw({"alg": "RS256", "kid": 7}, CLAIMS), "malformed"),
    "no key id among many": (token(kid=None), "no_key_id"),
    "critical header": (raw({"alg": "RS256", "kid": "r1", "crit": ["x"], "x": 1}, CLAIMS), "critical_header"),
    "two parts": ("a.b", "malformed"),
    "encrypted": ("a.b.c.d.e", "malformed"),
    "padding": (token() + "=", "malformed"),
    "line end": (token() + "\n", "malformed"),
    "no JSON": (raw(b"{", CLAIMS), "malformed"),
    "name twice": (raw(b'{"alg":"RS256","alg":"none"}', CLAIMS), "malformed"),
    "payload no object": (raw({"alg": "RS256"}, [1]), "malformed"),
    "not a number": (raw({"alg": "RS256"}, b'{"exp":NaN}'), "malformed"),
    "no algorithm": (raw({"kid": "r1"}, CLAIMS), "malformed"),
    "too long": ("a" * 20000, "malformed"),
}


@pytest.mark.parametrize(("text", "why"), FORGED.values(), ids=FORGED)
def test_forged_token_is_refused_with_its_reason(text, why):
    """Whatever the claims say."""
    assert reason(text) == why


def test_token_without_key_id_needs_the_only_key_that_fits():
    """One RSA key among others is the one; a key that is for encryption does not count."""
    keys = FixedKeys({"keys": [RSA.as_dict(private=False), ENCRYPTION, EC.as_dict(private=False)]})
    assert reason(token(kid=None), keys=keys) is None
    assert reason(token(kid=None), keys=FixedKeys({"keys": []})) == "no_key_id"


def published(**changed):
    """Return a key set with the issuer's RSA key, some of its members changed."""
    return FixedKeys({"keys": [{**FREE.as_dict(private=False), **changed}]})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"key_ops": ["verify"]}, None),
        ({"key_ops": ["encrypt"]}, "key_mismatch"),
        ({"key_ops": "verify"}, "key_mismatch"),
        ({"key_ops": 5}, "key_mismatch"),
        ({"n": "@@@"}, "key_mismatch"),
        ({"n": None}, "key_mismatch"),
        ({"n": "A" * 5}, "key_mismatch"),
        ({"e": 3}, "key_mismatch"),
        ({"kty": ["RSA"]}, "key_mismatch"),
    ],
    ids=str,
)
def test_key_that_is_none_of_the_kind_is_refused_not_tripped_over(changed, why):
    """A malformed key of the issuer is a mismatch, whatever is wrong with it; only a short one is weak."""
    assert reason(token(key=FREE), keys=published(**changed)) == why


def test_any_of_several_keys_of_one_id_may_have_signed():
    """An issuer may publish two keys under one id (RFC 7517, section 4.5); a stranger's is still none of them."""
    pair = [STRANGER.as_dict(private=False), RSA.as_dict(private=False)]
    for keys in (pair, pair[::-1]):
        assert reason(token(), keys=FixedKeys({"keys": keys})) is None
    assert reason(token(), keys=FixedKeys({"keys": pair[:1] * 2})) == "bad_signature"


@pytest.mark.parametrize("secret", [b"\0" + b"k" * 31, b"\0" * 4 + b"k" * 28], ids=["one-zero", "four-zeros"])
def test_secret_counts_its_leading_zeros(secret):
    """A secret is bytes, not a number: 32 of them are enough however they begin."""
    key = jwk.OctKey.import_key({"kty": "oct", "k": part(secret), "kid": "z"})
    assert reason(token(key=key, algorithm="HS256"), keys=FixedKeys({"keys": [key.as_dict()]})) is None


def test_edwards_curve_may_be_named_by_the_algorithm():
    """`Ed25519` is the name that RFC 9864 puts in the place of `EdDSA`; it needs that very curve."""
    expected = Expectations(algorithms=frozenset({"Ed25519"}))
    assert reason(token(key=ED, algorithm="Ed25519"), expected) is None
    assert reason(raw({"alg": "Ed25519", "kid": "e1"}, CLAIMS), expected) == "key_mismatch"
    assert reason(token(key=ED, algorithm="Ed25519"), Expectations()) == "algorithm_not_allowed"


def test_type_of_token_is_held_against_the_expectation():
    """An access token (RFC 9068) is not any other token that the issuer signs."""
    strict = Expectations(algorithms=EVERY, types=("at+jwt",))
    assert reason(token(typ="at+jwt"), strict) is None
    assert reason(token(typ="application/AT+JWT"), strict) is None
    assert reason(token(typ="at+jwt"), Expectations(algorithms=EVERY, types=("application/at+jwt",))) is None
    assert reason(token(typ="JWT"), strict) == "wrong_type"
    assert reason(token(), strict) == "wrong_type"


def test_required_claim_must_be_there():
    """`sub` is there, `jti` is not."""
    assert reason(token(), Expectations(required=("sub",))) is None
    assert reason(token(), Expectations(required=("jti",))) == "missing_claim"


@pytest.mark.parametrize("algorithms", [{"none"}, {"RS1"}, set()])
def test_expectation_cannot_allow_what_is_no_signature(algorithms):
    """`none` can be allowed by nobody."""
    with pytest.raises(ValueError, match="algorithm"):
        Expectations(algorithms=frozenset(algorithms))


@settings(max_examples=examples(200))
@given(st.text(max_size=60) | st.lists(st.text("abcAB019_-", max_size=12), max_size=4).map(".".join))
def test_any_text_is_refused_with_a_reason(text):
    """Nothing that is made up is accepted, and nothing crashes."""
    assert reason(text) in REASONS


@settings(max_examples=examples(100))
@given(st.integers(0, 10_000), st.sampled_from("abcXYZ012_-"))
def test_one_changed_sign_breaks_the_token(position, sign):
    """Except where the sign changes no bit: the last one of a part has bits that are left over."""
    good = token()
    position %= len(good)
    changed = good[:position] + sign + good[position + 1 :]
    if re.sub(r"\.", "", changed) != re.sub(r"\.", "", good) and position != len(good) - 1:
        assert reason(changed) is not None


def question(**more):
    """Return a question of `twin decide token`."""
    expected = {"issuer": "https://id.example", "audience": "api", "scopes": ["read"]}
    return {"token": token(), "jwks": {"keys": PUBLIC}, "expectations": expected, "now": NOW, **more}


def test_question_is_answered_with_claims_or_reason():
    """Accepted now, expired in a minute."""
    assert decide(question()) == {"accepted": True, "claims": CLAIMS, "algorithm": "RS256", "key_id": "r1"}
    late = decide(question(now=NOW + 61))
    assert (late["accepted"], late["reason"]) == (False, "expired")


@pytest.mark.parametrize(
    "more",
    [
        {"token": 3},
        {"jwks": {}},
        {"jwks": {"keys": [3]}},
        {"now": "today"},
        {"now": float("nan")},
        {"now": 10**400},
        {"expectation": {"issuer": "https://id.example"}},
        {"expectations": {"algorithms": []}},
        {"expectations": {"leeway": float("nan")}},
        {"expectations": {"leeway": float("inf")}},
        {"expectations": []},
        {"expectations": {"algorithm": "RS256"}},
        {"expectations": {"scopes": 3}},
        {"expectations": {"leeway": -1}},
    ],
)
def test_question_that_is_none_is_a_value_error(more):
    """The command answers it with an error on its line."""
    with pytest.raises(ValueError, match=r"`|leeway|question|algorithm"):
        decide(question(**more))
