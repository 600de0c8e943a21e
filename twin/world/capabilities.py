"""What the embedded twin can do beyond keeping configuration; a scenario names what it needs."""

OWN = {
    "access-key-last-used": "GetAccessKeyLastUsed tells the truth",
    "access-key-status": "an inactive or deleted key is refused",
    "cloudflare-audit-log": "both of Cloudflare's audit logs tell every change",
    "credential-report": "IAM's report has root's row and every user, and lasts four hours",
    "customer-provided-keys": "S3 reads an object with the key that it was written with (SSE-C)",
    "faults": "zones, Regions, hosts and services can be broken, and what came of it is counted",
    "iam-propagation": "a write of IAM counts after `gateway.authorisation.propagation`; at once by default",
    "key-states": "a KMS key that is disabled or about to be deleted is refused, by S3 and Secrets Manager too",
    "last-accessed": "IAM tells which services a principal used last, from the calls that were made",
    "multi-region-keys": "replicas of a KMS key open each other's ciphertext",
    "object-lifecycle": "S3 expires and moves objects by the clock",
    "object-lock": "S3 keeps locked versions until their time",
    "object-replication": "S3 copies new objects, after a delay",
    "okta-system-log": "Okta's System Log tells every change, by the official event types",
    "policy-conditions": "conditions and variables of policies see the request, its tags and the resource's",
    "policy-enforcement": "every AWS call is decided by the policies of caller, resource, session and boundary",
    "policy-simulation": "SimulatePrincipalPolicy and SimulateCustomPolicy",
    "public-access-block": "S3 blocks public policies and lists, from the start",
    "scp": "service and resource control policies bind the accounts of an organization",
    "secret-stages": "the value of a secret follows AWSCURRENT",
    "session-expiry": "temporary credentials end at their time",
    "session-revocation": "a deny by aws:TokenIssueTime ends the sessions before it",
    "signatures": "a request with a wrong signature is refused",
    "trail": "CloudTrail: events, LookupEvents, log files in the bucket of the trail",
    "virtual-time": "the store's clock is the scenario's",
    "web-identity": "AssumeRoleWithWebIdentity verifies tokens against their issuer's keys",
}
CAPABILITIES = frozenset(OWN)


def capabilities() -> frozenset[str]:
    """Return the gateway's own capabilities and those that behaviors provide."""
    from twin.world.behaviors import load_behaviors

    return CAPABILITIES | load_behaviors().keys()


def meanings() -> dict[str, str]:
    """Return every capability with what it means, by name."""
    from twin.world.behaviors import load_behaviors

    return dict(sorted({**OWN, **load_behaviors()}.items()))
