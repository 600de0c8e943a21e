"""What the embedded twin can do beyond keeping configuration; a scenario names what it needs."""

CAPABILITIES = frozenset(
    {
        "access-key-status",  # an inactive or deleted key is refused
        "access-key-last-used",  # GetAccessKeyLastUsed tells the truth
        "cloudflare-audit-log",  # both of Cloudflare's audit logs tell every change
        "customer-provided-keys",  # S3 reads an object with the key that it was written with (SSE-C)
        "key-states",  # a KMS key that is disabled or about to be deleted is refused, by S3 and Secrets Manager too
        "object-lifecycle",  # S3 expires and moves objects by the clock
        "multi-region-keys",  # replicas of a KMS key open each other's ciphertext
        "object-lock",  # S3 keeps locked versions until their time
        "object-replication",  # S3 copies new objects, after a delay
        "okta-system-log",  # Okta's System Log tells every change, by the official event types
        "public-access-block",  # S3 blocks public policies and lists, from the start
        "secret-stages",  # the value of a secret follows AWSCURRENT
        "session-expiry",  # temporary credentials end at their time
        "signatures",  # a request with a wrong signature is refused
        "trail",  # CloudTrail: events, LookupEvents, log files in the bucket of the trail
        "virtual-time",  # the store's clock is the scenario's
    }
)


def capabilities() -> frozenset[str]:
    """Return the gateway's own capabilities and those that behaviors provide."""
    from twin.world.behaviors import load_behaviors

    return CAPABILITIES | load_behaviors().keys()
