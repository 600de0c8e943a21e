"""Listeners: the ports of a load balancer and what it does with what arrives."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.acm import Certificate, issued, proofs
from twin.resources.aws.elb import read_all, retag, seen, tags_by_arn
from twin.resources.aws.facts import facts
from twin.resources.aws.load_balancer import LoadBalancer
from twin.resources.aws.quota import beyond
from twin.resources.aws.target_group import TargetGroup
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

Protocol = Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"]
SECURE = ("HTTPS", "TLS")
ACTIONS = ("target_group", "redirect", "fixed_response")
BY_HOST = {"HTTP": ("HTTP", "HTTPS"), "HTTPS": ("HTTP", "HTTPS"), "TLS": ("TCP", "TLS")}
"""Which target protocols a listener's protocol reaches, where that is not its own alone."""


class Redirect(BaseModel):
    """An answer that sends the client elsewhere; host, path and query stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: Literal["HTTP", "HTTPS"] = "HTTPS"
    port: str = "443"
    permanent: bool = Field(default=True, description="301 rather than 302")


class FixedResponse(BaseModel):
    """An answer given by the load balancer itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: str = "404"
    content_type: str = "text/plain"
    body: str = ""


class Listener(Resource):
    """A listener with its default action: exactly one of `target_group`, `redirect`, `fixed_response`."""

    TYPE: ClassVar[str] = "aws.elbv2.listener"
    KEY: ClassVar[tuple[str, ...]] = ("load_balancer", "port")
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    load_balancer: Annotated[str, RefTo("aws.elbv2.load_balancer"), IMMUTABLE] = Field(
        description="The ARN of its load balancer"
    )
    port: int = Field(description="1 to 65535")
    protocol: Protocol
    certificate: Annotated[str | None, RefTo("aws.acm.certificate")] = Field(
        default=None, description="HTTPS, TLS: the ARN of the certificate"
    )
    tls_policy: str | None = Field(default=None, description="HTTPS, TLS: the name of the security policy")
    target_group: Annotated[str | None, RefTo("aws.elbv2.target_group")] = Field(
        default=None, description="The ARN of the target group to which it forwards"
    )
    redirect: Redirect | None = None
    fixed_response: FixedResponse | None = None
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the listeners of each load balancer that we own or that is wanted; they have no batch read."""
        balancers = yield from read_all("DescribeLoadBalancers", "LoadBalancers")
        arns = [item["LoadBalancerArn"] for item in balancers]
        asked = {key[0] for key in wanted.keys} | {id_.replace(":listener/", ":loadbalancer/") for id_ in wanted.ids}
        tags = yield from tags_by_arn(scope, ())
        found = []
        for arn in arns:
            if arn in tags or arn in asked or any(id_.startswith(f"{arn}/") for id_ in asked):
                items = yield from read_all("DescribeListeners", "Listeners", {"LoadBalancerArn": arn})
                known = yield from tags_by_arn(scope, [item["ListenerArn"] for item in items])
                found += [_observed(scope, item, known[item["ListenerArn"]]) for item in items]
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the listener."""
        params = {"LoadBalancerArn": self.load_balancer, **self._params(), "Tags": scope.tag_list(address, self.tags)}
        reply = yield aws("elbv2", "CreateListener", params)
        arn = reply["Listeners"][0]["ListenerArn"]
        return {"id": arn, "arn": arn}

    def beforehand(self, desired: Mapping[Address, Resource]) -> Iterable[Address]:
        """The record that proves its certificate is published before."""
        return proofs(self.certificate, desired)

    def possible(self, scope: Scope) -> Steps[bool]:
        """Elastic Load Balancing takes a certificate of ACM's only once it is issued."""
        return ":acm:" not in (self.certificate or "") or (yield from issued(str(self.certificate)))

    def _params(self) -> dict[str, Any]:
        return {
            "Port": self.port,
            "Protocol": self.protocol,
            "Certificates": None if self.certificate is None else [{"CertificateArn": self.certificate}],
            "SslPolicy": self.tls_policy,
            "DefaultActions": [self._action()],
        }

    def _action(self) -> dict[str, Any]:
        if self.redirect is not None:
            status = "HTTP_301" if self.redirect.permanent else "HTTP_302"
            where = {"Protocol": self.redirect.protocol, "Port": self.redirect.port, "StatusCode": status}
            return {"Type": "redirect", "RedirectConfig": where}
        if self.fixed_response is not None:
            answer = {
                "StatusCode": self.fixed_response.status,
                "ContentType": self.fixed_response.content_type,
                "MessageBody": self.fixed_response.body,
            }
            return {"Type": "fixed-response", "FixedResponseConfig": answer}
        return {"Type": "forward", "TargetGroupArn": self.target_group}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change everything in one call, and the tags."""
        if changed - {"tags", "owner"}:
            params = {"ListenerArn": observed.id, **self._params()}
            yield aws("elbv2", "ModifyListener", {k: v for k, v in params.items() if v is not None})
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the listener."""
        yield aws("elbv2", "DeleteListener", {"ListenerArn": observed.id}, absent=("ListenerNotFound",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """One action; a certificate exactly where TLS ends; protocols that fit the load balancer and the targets."""
        if not 1 <= self.port <= 65535:
            yield Problem("TW0407", f"a port is 1 to 65535, this is {self.port}", "port")
        if sum(getattr(self, name) is not None for name in ACTIONS) != 1:
            yield Problem("TW0425", f"a listener has one action: {', '.join(ACTIONS)}")
        yield from self._check_tls()
        yield from self._check_protocol(peers)
        members = peers.having(self.TYPE, "load_balancer", self.load_balancer)
        limit = facts("network")["listeners_per_load_balancer"]
        yield from beyond(limit, address, members, what="the listeners of the load balancer")

    def _check_tls(self) -> Iterable[Problem]:
        if self.protocol in SECURE:
            if self.certificate is None:
                yield Problem("TW0423", f"a listener for {self.protocol} needs a certificate", "certificate")
            if self.tls_policy is not None and self.tls_policy not in facts("network")["tls_policies"]:
                help_ = "ELBSecurityPolicy-TLS13-1-2-2021-06 offers TLS 1.3 and 1.2"
                yield Problem("TW0423", f"{self.tls_policy!r} is no TLS policy", "tls_policy", help_)
            return
        for name in ("certificate", "tls_policy"):
            if getattr(self, name) is not None:
                yield Problem("TW0423", f"a listener for {self.protocol} has no {name}", name)

    def _check_protocol(self, peers: Peers) -> Iterable[Problem]:
        balancer = peers.get(self.load_balancer)
        if isinstance(balancer, LoadBalancer):
            allowed = facts("network")["listener_protocols"][balancer.kind]
            if self.protocol not in allowed:
                message = f"a listener of {balancer.kind} load balancers is for {', '.join(allowed)}"
                yield Problem("TW0425", message, "protocol")
        for name in ("redirect", "fixed_response"):
            if self.protocol not in ("HTTP", "HTTPS") and getattr(self, name) is not None:
                yield Problem("TW0425", f"a listener for {self.protocol} has no {name}", name)
        group = peers.get(self.target_group)
        if isinstance(group, TargetGroup) and group.protocol not in BY_HOST.get(self.protocol, (self.protocol,)):
            message = f"a listener for {self.protocol} cannot forward to targets of {group.protocol}"
            yield Problem("TW0425", message, "target_group")
        certificate = peers.get(self.certificate)
        if self.certificate and certificate is not None and not isinstance(certificate, Certificate):
            yield Problem("TW0423", "this is not a certificate of ACM", "certificate")


def _observed(scope: Scope, item: Mapping[str, Any], tags: Mapping[str, str]) -> Observed:
    balancer = item["LoadBalancerArn"]
    secure = item.get("Protocol") in SECURE
    certificates = [c["CertificateArn"] for c in item.get("Certificates", ())]
    fields = {
        "load_balancer": balancer,
        "port": item.get("Port"),
        "protocol": item.get("Protocol"),
        "certificate": certificates[0] if certificates else None,
        "tls_policy": item.get("SslPolicy") if secure else None,
        **_default(item["DefaultActions"]),
    }
    return seen(scope, item["ListenerArn"], fields, tags, member_of=(LoadBalancer.TYPE, balancer))


def _default(actions: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the default action; one that a Listener cannot say (several, authenticate) shows as no action."""
    if len(actions) != 1:
        return {}
    action = actions[0]
    if action["Type"] == "forward":
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        return {"target_group": action.get("TargetGroupArn") or (groups[0]["TargetGroupArn"] if groups else None)}
    if action["Type"] == "redirect":
        where = action["RedirectConfig"]
        permanent = where["StatusCode"] == "HTTP_301"
        return {"redirect": {"protocol": where.get("Protocol"), "port": where.get("Port"), "permanent": permanent}}
    if action["Type"] == "fixed-response":
        answer = action["FixedResponseConfig"]
        return {
            "fixed_response": {
                "status": answer["StatusCode"],
                "content_type": answer.get("ContentType", ""),
                "body": answer.get("MessageBody", ""),
            }
        }
    return {}
