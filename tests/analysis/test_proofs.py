"""Each proof finds the bad variant of a plan and passes the good one, which differs in what the rule asks for."""

import pytest
from faulty_plans import CASES, WRITE, user
from plans import STRANGER, allow, case_of, found, role, taken_by, when

from twin.analysis.proofs import proofs
from twin.codes import codes


@pytest.mark.parametrize("name", CASES)
def test_proof_finds_the_bad_variant_and_passes_the_good_one(name):
    """The rule and the level are found in the one, and nothing at all in the other."""
    proof, bad, expected, good = CASES[name]
    assert expected in [one[:2] for one in found(proof, bad)]
    assert found(proof, good) == []


def test_every_proof_has_a_bad_variant():
    """A proof that nothing plants could be one that finds nothing."""
    assert set(proofs()) - {"unused"} == {one[0] for one in CASES.values()}


def test_every_rule_is_explained_with_its_page():
    """Each rule that the variants find names the vendor's page that states it."""
    rules = {one[2][0] for one in CASES.values()}
    pages = ("https://docs.aws.amazon.com/", "https://support.pagerduty.com/")
    assert [rule for rule in rules if not (codes()[rule].source or "").startswith(pages)] == []


def test_external_id_makes_a_third_party_a_note():
    """With an external id of its own the trust is as AWS asks; that another account gets in is still told."""
    trust = {**taken_by({"AWS": STRANGER}), **when("StringEquals", "sts:ExternalId", "a1b2c3")}
    assert found("other_accounts", role(trust)) == [("TW1002", "note", "aws.iam.role.it")]


def test_app_with_one_factor_is_found_behind_saml():
    """A role that people take through the workforce's app is as safe as the app's sign-in policy."""

    def org(factors):
        provider = {"name": "okta", "metadata": "${okta.app_saml.aws.metadata}"}
        app = {
            "label": "AWS", "acs_url": "https://signin.aws.amazon.com/saml", "audience": "urn:amazon:webservices",
            "authentication_policy": "${okta.authentication_policy.apps.id}",
        }  # fmt: skip
        rule = {"name": "r", "factors": factors, "password": factors == "1FA"}
        trust = taken_by({"Federated": "${aws.iam.saml_provider.p.arn}"}, "sts:AssumeRoleWithSAML")
        return {
            **role(trust, [WRITE]), "aws.iam.saml_provider": {"p": provider}, "okta.app_saml": {"aws": app},
            "okta.authentication_policy": {"apps": {"name": "apps", "rules": [rule]}},
        }  # fmt: skip

    assert found("mfa", org("1FA")) == [("TW1006", "warning", "aws.iam.role.it")]
    assert found("mfa", org("2FA")) == []


def test_escalation_names_the_hop_the_statement_and_what_breaks_it():
    """The finding says how, by which statement, and what to take away."""
    (one,) = proofs()["escalation"](case_of(user(allow("iam:PutUserPolicy"))))
    assert any("iam:PutUserPolicy" in note for note in one.notes)
    assert one.mend == "take away statement 1 of the identity policy p of user/it"
    assert one.statement == allow("iam:PutUserPolicy")
