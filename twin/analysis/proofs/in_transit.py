"""Nobody reads data in the clear on its way: TW1011 for stores, TW1012 for listeners."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding, Level
from twin.resources.declaration import Declaration
from twin.semantics.iam import Policies, Request, compile_policy, decide

STORE, LISTENER = "TW1011", "TW1012"
# What is asked of each kind of store, without TLS: its actions, each with what follows the ARN.
ASKED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "aws.s3.bucket": (("s3:GetObject", "/any/object"), ("s3:PutObject", "/any/object"), ("s3:ListBucket", "")),
    "aws.sqs.queue": (("sqs:SendMessage", ""), ("sqs:ReceiveMessage", "")),
    "aws.sns.topic": (("sns:Publish", ""),),
}
CLEAR = {"HTTP": "HTTPS", "TCP": "TLS", "UDP": "", "TCP_UDP": ""}
# Security policies of load balancers that still take TLS 1.0 or 1.1 ("Security policies for your Application Load
# Balancer", elasticloadbalancing/latest/application/describe-ssl-policies.html): those of 2016 to 2018 but for 1-2.
WEAK = ("ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-0-2015-04", "ELBSecurityPolicy-TLS-1-1-2017-01",
        "ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-FS-1-1-2019-08",
        "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-1-2021-06")  # fmt: skip


def prove(case: Case) -> Iterator[Finding]:
    """Yield the stores that take requests without TLS, and the listeners that answer without it."""
    for one, values in case.planned.of(*ASKED):
        taken = [
            action for action, suffix in ASKED[one.address.type] if not _refused(case, (one, values), action, suffix)
        ]
        if taken:
            yield Finding(
                STORE, "warning", f"{one.address}: {', '.join(taken)} is possible without TLS", one, "policy",
                mend=f'deny {_all_of(one)} to "*" with {{"Bool": {{"aws:SecureTransport": "false"}}}}', about="tls",
            )  # fmt: skip
    internal = {
        case.planned.arn(one): values.get("internal") for one, values in case.planned.of("aws.elbv2.load_balancer")
    }
    for one, values in case.planned.of("aws.elbv2.listener"):
        yield from _listener(one, values, inside=bool(internal.get(values["load_balancer"])))


def _all_of(one: Declaration) -> str:
    """Name the actions to deny; SNS takes no wildcard over all of its actions."""
    service = one.address.type.split(".")[1]
    return "sns:Publish" if service == "sns" else f"{service}:*"


def _refused(case: Case, store: tuple[Declaration, Mapping[str, Any]], action: str, suffix: str) -> bool:
    """Ask the decision procedure: someone who may do everything comes without TLS."""
    one, values = store
    account = case.planned.scope.account
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    policies = Policies(
        identity=(compile_policy(everything, "identity"),),
        resource=compile_policy(values["policy"], "resource") if values.get("policy") else None,
    )
    somebody = case.planned.scope.arn("iam", "user/somebody", region="")
    request = Request(somebody, action, case.planned.arn(one) + suffix, account, {"aws:SecureTransport": "false"})
    return decide(request, policies).decision == "explicit_deny"


def _listener(one: Declaration, values: Mapping[str, Any], *, inside: bool) -> Iterator[Finding]:
    protocol = values["protocol"]
    level: Level = "note" if inside else "warning"
    where = "inside the network" if inside else "to the Internet"
    redirects = (values.get("redirect") or {}).get("protocol") == "HTTPS"
    if protocol in CLEAR and not redirects:
        mend = "redirect it to HTTPS" if protocol == "HTTP" else "make it a TLS listener"
        yield Finding(
            LISTENER, level, f"{one.address}: port {values['port']} answers in the clear {where} ({protocol})", one,
            "protocol", mend=mend, about="clear",
        )  # fmt: skip
    elif protocol in ("HTTPS", "TLS") and values.get("tls_policy", WEAK[0]) in WEAK:
        yield Finding(
            LISTENER, "warning", f"{one.address}: {values.get('tls_policy', WEAK[0])} still takes TLS 1.0 or 1.1", one,
            "tls_policy", mend="use ELBSecurityPolicy-TLS13-1-2-2021-06", about="old",
        )  # fmt: skip
