"""Orgs of a few principals and resources, as plain values."""

from planted import allow, document

from twin.observe.iam.org import Account, Document, Identity, Managed, Org, text

A, B = "111122223333", "444455556666"
HUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{A}:saml-provider/okta"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BUCKET, SECRET = "arn:aws:s3:::lake", f"arn:aws:secretsmanager:us-east-1:{A}:secret:pay-abc"


def user(name, *statements, account=A, **more):
    """A user with one inline policy."""
    inline = (Document("own", text(document(*statements))),) if statements else ()
    return Identity(f"arn:aws:iam::{account}:user/{name}", inline, **more)


def role(name, trust, *statements, account=A, **more):
    """A role with one inline policy."""
    inline = (Document("own", text(document(*statements))),) if statements else ()
    return Identity(f"arn:aws:iam::{account}:role/{name}", inline, trust=text(trust), **more)


def org(*objects, accounts=(A,)):
    """An org of accounts and what is in them, with AWS's policy for administrators."""
    everything = Managed(ADMINISTRATOR, (("v1", text(document(allow("*")))),), "v1")
    return Org((*(Account(one) for one in accounts), everything, *objects))


def federated(provider, action, condition=None):
    """A trust policy for an identity provider."""
    made = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action}
    return document({**made, "Condition": condition} if condition else made)


def steps(way):
    """The rules by which a way goes."""
    return [hop.rule for hop in way]
