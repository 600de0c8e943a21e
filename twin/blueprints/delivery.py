"""Delivery: GitHub's identity provider and the roles that single repositories assume, without stored keys."""

from twin.blueprints.blueprint import Blueprint
from twin.blueprints.documents import allow, document
from twin.blueprints.grants import attach
from twin.resources.aws.iam_federation import OidcProvider
from twin.resources.aws.iam_role import Role
from twin.resources.declaration import Path
from twin.spec.model.access import DeliveryRole

HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def build(blueprint: Blueprint) -> None:
    """Declare the provider and a role for each that the spec names."""
    roles = blueprint.org.delivery.roles
    if not roles:
        return
    provider = blueprint.add("github", OidcProvider(url=f"https://{HOST}", clients=[AUDIENCE]), ("delivery",))
    for name, intent in roles.items():
        at: Path = ("delivery", "roles", name)
        ours = {"StringEquals": {f"{HOST}:aud": AUDIENCE, f"{HOST}:sub": subjects(intent)}}
        statement = allow("sts:AssumeRoleWithWebIdentity", to={"Federated": provider.arn}, when=ours)
        role = Role(
            name=blueprint.name(name),
            description=f"Deployments from {intent.repository}",
            trust=document([statement]),
            max_session=int(intent.session.total_seconds()),
        )
        blueprint.add(name, role, at, {"trust": (*at, "repository"), "max_session": (*at, "session")})
        attach(blueprint, "role", name, intent, at)


def subjects(intent: DeliveryRole) -> list[str]:
    """Return the token subjects that may assume a role: one per branch and environment, no wildcard."""
    branches = [f"repo:{intent.repository}:ref:refs/heads/{branch}" for branch in intent.branches]
    branches += [f"repo:{intent.repository}:pull_request"] if intent.pull_requests else []
    return [*branches, *(f"repo:{intent.repository}:environment:{name}" for name in intent.environments)]
