"""Users, roles and sessions of a test's org."""

import json

from twin.world.principals import Credentials

ACCOUNT, OTHER = "123456789012", "210987654321"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def document(*statements):
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **rest):
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


def deny(action, resource="*", **rest):
    """Return a statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **rest}


def trust(principal, action="sts:AssumeRole", **rest):
    """Return the document by which a role trusts a principal."""
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **rest})


def session(response):
    """Read temporary credentials from a reply of STS."""
    held = response["Credentials"]
    return Credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])


def key_of(clients, name, account=None):
    """Make a key for a user."""
    made = clients("iam", account=account).create_access_key(UserName=name)["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def user(clients, name, *statements, account=None, **settings):
    """Make a user who may do what the statements say; returns its key."""
    iam = clients("iam", account=account)
    iam.create_user(UserName=name, **settings)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    return key_of(clients, name, account)


def administrator(clients, name="admin", account=None):
    """Make a user who may do everything; returns its key."""
    iam = clients("iam", account=account)
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
    return key_of(clients, name, account)


def role(clients, name, trusted, *statements, account=None, **settings):
    """Make a role with a trust document that may do what the statements say; returns its ARN."""
    iam = clients("iam", account=account)
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **settings)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return made["Arn"]


def assumed(clients, arn, by, name="s1", **settings):
    """Take a role; returns the session's credentials."""
    return session(clients("sts", credentials=by).assume_role(RoleArn=arn, RoleSessionName=name, **settings))
