"""The addresses by which events come into PagerDuty, which hold an integration's key.

https://support.pagerduty.com/main/docs/aws-cloudwatch-integration-guide (an integration of a service's own address) and
https://support.pagerduty.com/main/docs/aws-guardduty-integration-guide (any event, by the key of an Events API
integration): SNS is subscribed to them over HTTPS, and PagerDuty confirms by itself.
"""

import re

HOST = "events.pagerduty.com"
KEYED = re.compile(rf"https://{re.escape(HOST)}/(integration|x-ere)/[0-9a-f]{{32}}")
CLOUDWATCH = "aws_cloudwatch_inbound_integration"


def inbound_address(kind: str, key: str) -> str:
    """Return the address of an integration for SNS: one that takes CloudWatch's alarms alone, else any event's."""
    return f"https://{HOST}/integration/{key}/enqueue" if kind == CLOUDWATCH else f"https://{HOST}/x-ere/{key}"


def without_key(address: str) -> str:
    """Return an address as logs may show it: that of an integration without its key."""
    return KEYED.sub(rf"https://{HOST}/\1/…", address)
