"""What the embedded twin can do beyond keeping configuration; a scenario names what it needs."""

CAPABILITIES = frozenset(
    {
        "access-key-status",  # an inactive or deleted key is refused
        "access-key-last-used",  # GetAccessKeyLastUsed tells the truth
        "session-expiry",  # temporary credentials end at their time
        "signatures",  # a request with a wrong signature is refused
        "trail",  # CloudTrail: events, LookupEvents, log files in the bucket of the trail
        "virtual-time",  # the store's clock is the scenario's
    }
)
