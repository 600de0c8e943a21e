"""What authorisation answers itself: sessions of roles, simulations of policies, reports of who used what."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers
from twin.world.scene import Scene

SIMULATIONS = (
    "SimulatePrincipalPolicy", "SimulateCustomPolicy", "GetContextKeysForPrincipalPolicy",
    "GetContextKeysForCustomPolicy",
)  # fmt: skip
REPORTS = (
    "GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities", "GenerateCredentialReport", "GetCredentialReport",
)  # fmt: skip


@answers("sts", "AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
@answers("iam", *SIMULATIONS, *REPORTS)
def authorised(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Answer by the policies that the gateway decides with."""
    return scene.gateway.authorised[asked.call.service, asked.call.operation](asked.call)
