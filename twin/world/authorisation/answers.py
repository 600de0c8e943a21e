"""The operations that authorisation answers itself, instead of the store."""

from collections.abc import Callable
from typing import Any

from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.reports.credentials import CredentialReports
from twin.world.authorisation.reports.last_accessed import LastAccessed
from twin.world.authorisation.reports.simulation import Simulator
from twin.world.authorisation.role_sessions import RoleSessions
from twin.world.aws_call import Call
from twin.world.trail.evidence import Evidence

Behavior = Callable[[Call], dict[str, Any] | None]


def authorised_answers(authorisation: Authorisation, evidence: Evidence) -> dict[tuple[str, str], Behavior]:
    """Return each operation's answer."""
    simulator = Simulator(authorisation)
    last, reports = LastAccessed(authorisation, evidence), CredentialReports(authorisation, evidence)
    return {
        **RoleSessions(authorisation).behaviors(),
        ("iam", "SimulatePrincipalPolicy"): simulator.principal,
        ("iam", "SimulateCustomPolicy"): simulator.custom,
        ("iam", "GetContextKeysForPrincipalPolicy"): simulator.principal_keys,
        ("iam", "GetContextKeysForCustomPolicy"): simulator.custom_keys,
        ("iam", "GenerateServiceLastAccessedDetails"): last.generate,
        ("iam", "GetServiceLastAccessedDetails"): last.get,
        ("iam", "GetServiceLastAccessedDetailsWithEntities"): last.with_entities,
        ("iam", "GenerateCredentialReport"): reports.generate,
        ("iam", "GetCredentialReport"): reports.get,
    }
