"""Forms and names that a request is held to: what they take for long values, and where AWS asks less than a model."""

import re
from difflib import get_close_matches
from itertools import product

import pytest
from refused import refusal

from twin.world.refusals.bounds import LINEAR
from twin.world.refusals.database_parameters import SLIP, parameters


@pytest.mark.parametrize(("written", "linear"), LINEAR.items(), ids=range(len(LINEAR)))
def test_pattern_that_is_held_instead_takes_the_same_values(written, linear):
    """Of up to five characters, those that the pattern tells apart."""
    values = ["".join(each) for size in range(6) for each in product("a-_ \t:\né", repeat=size)]
    one, other = (re.compile(each, re.ASCII) for each in (written, linear))
    assert [value for value in values if bool(one.fullmatch(value)) != bool(other.fullmatch(value))] == []


def test_header_of_many_words_is_looked_at_once(clients):
    """One that is none is refused, however many words it has; so is one that is far too long."""
    events = clients("events")
    key = {"ApiKeyName": "k", "ApiKeyValue": "v"}

    def asked(value):
        header = [{"Key": "X-Words", "Value": value, "IsValueSecret": False}]
        return {"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": {
            "ApiKeyAuthParameters": key, "InvocationHttpParameters": {"HeaderParameters": header}}}  # fmt: skip

    for wrong in ("a " * 200 + "é", "a " * 50_000 + "é"):
        assert refusal(events.create_connection, **asked(wrong))[0] == "ValidationException"
    events.create_connection(**asked("a " * 200))


def test_custom_domain_has_dots_and_a_prefix_has_none(clients):
    """A domain with a certificate is taken as it is, told and deleted; one of Cognito's own is held to its form."""
    cognito = clients("cognito-idp")
    pool = {"UserPoolId": cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]}
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012"
    own = {"Domain": "auth.example.com", **pool}
    for wrong in ("auth.example.com", "-a", "a" * 64):
        asked = {**pool, "Domain": wrong}
        assert refusal(cognito.create_user_pool_domain, **asked)[0] == "InvalidParameterException"
    cognito.create_user_pool_domain(**own, CustomDomainConfig={"CertificateArn": arn})
    told = cognito.describe_user_pool_domain(Domain="auth.example.com")["DomainDescription"]
    assert told["UserPoolId"] == pool["UserPoolId"]
    cognito.delete_user_pool_domain(**own)
    cognito.create_user_pool_domain(**pool, Domain="auth-example")


def test_no_parameter_is_taken_for_a_slip_of_another():
    """Of those of PostgreSQL that the twin knows; a letter that lacks is one."""
    known = sorted(" ".join(line for part in ("documented", "further") for kind in ("static", "dynamic")
                            for line in parameters()[part][kind]).split())  # fmt: skip
    assert [name for name in known if len(get_close_matches(name, known, n=2, cutoff=SLIP)) > 1] == []
    assert get_close_matches("max_conections", known, n=1, cutoff=SLIP) == ["max_connections"]
