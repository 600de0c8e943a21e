"""Whom a resource's policy lets in from outside: a table of statements, each with and without what keeps others out."""

import pytest

from twin.semantics.iam.external import Zone, external_access

ZONE = Zone(frozenset({"123456789012", "111111111111"}), "o-acme")
OUT, IN = "210987654321", "123456789012"
PUBLIC, OUTSIDE = ("AWS", "*"), ("AWS", OUT)


def allow(principal, **more):
    """Return an Allow for a principal."""
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"} | more


def deny(**more):
    """Return a Deny for everybody."""
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"} | more


def when(operator, key, *values):
    """Return a condition."""
    return {"Condition": {operator: {key: list(values)}}}


CASES = {
    "everybody": ([allow("*")], [PUBLIC]),
    "everybody, long form": ([allow({"AWS": "*"})], [PUBLIC]),
    "own account": ([allow({"AWS": IN})], []),
    "own account's root": ([allow({"AWS": f"arn:aws:iam::{IN}:root"})], []),
    "another account of the zone": ([allow({"AWS": "111111111111"})], []),
    "account outside": ([allow({"AWS": OUT})], [OUTSIDE]),
    "role outside": ([allow({"AWS": f"arn:aws:iam::{OUT}:role/r"})], [("AWS", f"arn:aws:iam::{OUT}:role/r")]),
    "one inside, one outside": ([allow({"AWS": [IN, OUT]})], [OUTSIDE]),
    "service": ([allow({"Service": "sns.amazonaws.com"})], []),
    "identity provider": ([allow({"Federated": "accounts.google.com"})], [("Federated", "accounts.google.com")]),
    "all but one": ([{"Effect": "Allow", "NotPrincipal": {"AWS": IN}, "Action": "s3:GetObject"}], [PUBLIC]),
    "everybody of the organization": ([allow("*", **when("StringEquals", "aws:PrincipalOrgID", "o-acme"))], []),
    "everybody of another": ([allow("*", **when("StringEquals", "aws:PrincipalOrgID", "o-evil"))], [PUBLIC]),
    "either organization": ([allow("*", **when("StringEquals", "aws:PrincipalOrgID", "o-acme", "o-evil"))], [PUBLIC]),
    "everybody of the account": ([allow("*", **when("StringEquals", "aws:PrincipalAccount", IN))], []),
    "everybody but the account": ([allow("*", **when("StringNotEquals", "aws:PrincipalAccount", IN))], [PUBLIC]),
    "if the key is there": ([allow("*", **when("StringEqualsIfExists", "aws:PrincipalAccount", IN))], [PUBLIC]),
    "for an own bucket": ([allow("*", **when("ArnLike", "aws:SourceArn", f"arn:aws:sns:us-east-1:{IN}:t"))], []),
    "from an address": ([allow("*", **when("IpAddress", "aws:SourceIp", "192.0.2.0/24"))], [PUBLIC]),
    "denied to all": ([allow("*"), deny()], []),
    "denied another action": ([allow("*"), deny(Action="s3:PutObject")], [PUBLIC]),
    "denied to all outside": ([allow("*"), deny(**when("StringNotEquals", "aws:PrincipalOrgID", "o-acme"))], []),
    "denied without TLS": ([allow("*"), deny(**when("Bool", "aws:SecureTransport", "false"))], [PUBLIC]),
    "a Deny alone": ([deny()], []),
}


@pytest.mark.parametrize("name", CASES)
def test_policy_lets_in_whom_it_says(name):
    """Principals outside the zone, by what the statement and its conditions say."""
    statements, expected = CASES[name]
    found = external_access({"Version": "2012-10-17", "Statement": statements}, ZONE)
    assert [access.principal for access in found] == expected


def test_only_access_without_condition_is_public():
    """A condition is told, and access under it is not public."""
    (free,) = external_access({"Statement": allow("*")}, ZONE)
    (bound,) = external_access({"Statement": allow("*", **when("IpAddress", "aws:SourceIp", "192.0.2.0/24"))}, ZONE)
    assert (free.public, bound.public) == (True, False)
    assert bound.conditions == (("aws:SourceIp", "192.0.2.0/24"),)
