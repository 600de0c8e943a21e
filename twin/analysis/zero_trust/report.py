"""Zero trust as findings of one kind: stable rules, the gravest first, beside those about the network."""

from collections.abc import Iterable, Mapping

from twin.analysis.exposure.finding import Finding, Severity
from twin.analysis.zero_trust.edge import EdgeFinding
from twin.analysis.zero_trust.edge import Kind as EdgeKind
from twin.analysis.zero_trust.finding import Finding as SignOnFinding
from twin.analysis.zero_trust.finding import Kind as SignOnKind

SIGN_ON: Mapping[SignOnKind, Severity] = {
    "aws-role-without-mfa": "high",
    "app-without-phishing-resistant-mfa": "medium",
    "session-outlives-its-limit": "medium",
}
EDGE: Mapping[EdgeKind, Severity] = {
    "origin-accepts-strangers": "high",
    "origin-is-told": "high",
    "tls-below-the-least": "medium",
    "http-is-served": "medium",
    "origin-is-not-verified": "medium",
    "zone-differs-from-its-spec": "medium",
    "hsts-is-off": "low",
}


def sign_on_findings(found: Iterable[SignOnFinding]) -> list[Finding]:
    """Return findings about sign-ons under the rules `signon.*`; the people are what shows them."""
    return [
        Finding(
            f"signon.{one.kind}",
            SIGN_ON[one.kind],
            one.message if one.subject in one.message else f"{one.subject}: {one.message}",
            (one.subject, one.policy, one.rule),
            (f"the rule {one.rule} of the policy {one.policy}", *(f"for {who}" for who in one.people)),
            one.advice,
        )
        for one in found
    ]


def edge_findings(found: Iterable[EdgeFinding]) -> list[Finding]:
    """Return findings about zones under the rules `edge.*`."""
    return [
        Finding(f"edge.{one.kind}", EDGE[one.kind], f"{one.subject}: {one.message}", (one.subject,), (), one.advice)
        for one in found
    ]
