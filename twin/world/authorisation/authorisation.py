"""The gateway's authoriser: a call's questions, the store's policies, the decision, the refusal."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from twin.clock import Clock
from twin.semantics.iam import Decision, Level, Policies, Policy, Request, decide
from twin.wire import Handle
from twin.wire import Request as WireRequest
from twin.world.authorisation.ask import ASKERS, Ask, Asking, Context
from twin.world.authorisation.asks.s3 import spare
from twin.world.authorisation.bound import Binder, Bound, let_through
from twin.world.authorisation.context import ENDPOINT, facts_of, requested_keys, requested_tags
from twin.world.authorisation.documents import read
from twin.world.authorisation.doors import through
from twin.world.authorisation.endpoints import endpoint_named
from twin.world.authorisation.identity_tokens import published_keys
from twin.world.authorisation.passed_roles import passed_roles
from twin.world.authorisation.refusal import refused
from twin.world.authorisation.resource_policies import carries_policies, grants_of, policy_of
from twin.world.authorisation.resources import published_asks
from twin.world.authorisation.session_limits import check_limits
from twin.world.authorisation.tags_of import tags_of
from twin.world.authorisation.view import IamView
from twin.world.authorisation.written_policies import check_written
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.keys import KeyRing
from twin.world.principals import Key
from twin.world.trail.facts import read_only

# Whoever has credentials may ask this: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
# Whose calls may change who may do what.
WRITERS = {"iam", "organizations", "cloudformation", "sso-admin"}
LOCKING = {"CreateKey", "PutKeyPolicy"}
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
ASSUMING = {"AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"}


class Authorisation:
    """Decides every AWS call as AWS would; raises AwsError in the service's words for one that is refused.

    `propagation` is how long a write of IAM takes to count.
    """

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self.view = IamView(clock)
        self.binder = Binder(self.view)
        self.keys = keys
        self.clock = clock
        # Key sets of identity providers outside this world, by issuer: who plays GitHub, say, lays its keys here.
        self.issuers: dict[str, Any] = {}
        self.reach: Handle | None = None
        # Told of every question that a call raises, whoever asks: so is found out what somebody needs.
        self.heard: Callable[[Call, Ask], None] | None = None

    @property
    def propagation(self) -> timedelta:
        """How long a write of IAM takes to count."""
        return self.view.propagation

    @propagation.setter
    def propagation(self, value: timedelta) -> None:
        self.view.propagation = value

    def key(self, access_key_id: str, found: Key | None) -> Key | None:
        """Return an access key as it is known by now; `found` is how it stands in IAM."""
        return self.view.key(access_key_id, found)

    def issuer_keys(self, issuer: str) -> Any:
        """Return the key set of an identity provider; None for one that is neither here nor played."""
        if issuer in self.issuers:
            return self.issuers[issuer]
        return published_keys(issuer, self._get)

    def _get(self, url: str) -> bytes | None:
        reply = self.reach(WireRequest("GET", url)) if self.reach is not None else None
        return reply.body if reply is not None and reply.status == 200 else None

    def __call__(self, call: Call) -> None:
        """Refuse a call that its caller may not make."""
        self._decide(call)
        if call.service in WRITERS and not read_only(call.service, call.operation):
            self.changed()
            if call.service == "iam":
                self.view.before_write(call, self.keys.find)

    def changed(self) -> None:
        """Forget what was compiled: to be called by whoever changes IAM or the organization past the gateway."""
        self.view.generation += 1

    def _decide(self, call: Call) -> None:
        principal = call.principal
        if principal.kind == "anonymous" and call.service != "s3":
            return
        check_limits(call)
        if (call.service, call.operation) in FREE or (call.service == "sts" and call.operation in ASSUMING):
            # Taking a role is decided where the session is made: it is about the session's tags and length too.
            return
        bound = None if principal.kind == "anonymous" else self.binder.bound(principal, call.key)
        asking = Asking(call)
        check_written(asking)
        if bound is not None and bound.free and ENDPOINT not in asking.headers and not carries_policies(call.service):
            return
        asks = ASKERS.get(call.service, published_asks)(asking)
        if call.door is not None:
            asks = through(call.door, asks, endpoint=asking.headers.get(ENDPOINT, ""))
        if bound is None or not bound.free:
            asks += passed_roles(asking, asks)
        self.ask(asking, bound, asks)
        if bound is not None and call.service == "kms" and call.operation in LOCKING:
            self._keeps_the_key(asking, bound)

    def ask(self, asking: Asking, bound: Bound | None, asks: Iterable[Ask]) -> None:
        """Refuse a call of which one question is not allowed."""
        call, spared = asking.call, set[str]()
        through = endpoint_named(asking.headers[ENDPOINT]) if ENDPOINT in asking.headers else None
        known: Context | None = None
        for ask in asks:
            if self.heard is not None:
                self.heard(call, ask)
            if bound is not None and bound.free and through is None and self._unopposed(ask, bound):
                continue
            known = known or self._known(asking, bound)
            decision = self.decision(ask, bound, {**known, **ask.context}, through=through)
            if decision.allowed:
                call.about.add(ask.owner or (ask.resource.split(":")[4] if ask.resource != "*" else ""))
                continue
            if call.operation != "DeleteObjects" or call.service != "s3":
                raise refused(call, ask, decision)
            spared.add(ask.behind or ask.resource)
        if call.operation == "DeleteObjects":
            spare(asking, spared)

    def _keeps_the_key(self, asking: Asking, bound: Bound) -> None:
        """Refuse a key's policy under which the caller could not change it again, unless it asks for that.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
        """
        text = asking.text("Policy")
        if not text or asking.parameters.get("BypassPolicyLockoutSafetyCheck"):
            return
        ask = Ask("kms:PutKeyPolicy", asking.arn("kms", "key/new"), bound.account)
        if not self.decision(ask, bound, self._known(asking, bound), written=text).allowed:
            raise AwsError("MalformedPolicyDocumentException", LOCKED_OUT)

    def _known(self, asking: Asking, bound: Bound | None) -> Context:
        return facts_of(asking, bound, self.clock.now()) | requested_tags(asking) | requested_keys(asking)

    def _unopposed(self, ask: Ask, bound: Bound) -> bool:
        """Tell whether no policy but the caller's own, which refuse nothing, has a say."""
        if ask.owner not in (None, bound.account) or ask.action.startswith(("kms:", "sts:")):
            return False
        if ask.owner is None and ask.resource != "*" and ask.resource.split(":")[4] not in ("", bound.account):
            return False
        place = self.binder.place(bound.account)
        return (place is None or place.rcps is None) and policy_of(ask.resource, self.view) is None

    def decision(
        self,
        ask: Ask,
        bound: Bound | None,
        context: Context,
        *,
        through: tuple[Policy, ...] | None = None,
        written: str | None = None,
    ) -> Decision:
        """Decide one question of a principal; `bound` is None for an anonymous caller.

        `written` stands for the policy of the resource.
        """
        owner = ask.owner or (ask.resource.split(":")[4] if ask.resource != "*" else "") or None
        if owner == "aws":
            owner = None
        outside = owner if bound is None or owner != bound.account else None
        # A role's own policy is about who takes it, and not about who manages it.
        managing = ask.action.startswith("iam:")
        text = written if managing or written else policy_of(ask.resource, self.view, outside=outside, owner=owner)
        resource = read(text, "resource") if text else None
        account = owner or (bound.account if bound is not None else None)
        rcps = self._facts_of_resource(context, account)
        if (
            bound is None or bound.about_tags or (resource is not None and resource.about_tags)
        ) and ask.resource != "*":
            for name, value in tags_of(ask.resource).items():
                context.setdefault(f"aws:ResourceTag/{name}", value)
                # Taking a role is asked by IAM's key of the role's tags.
                prefix = "iam" if ask.action.startswith("sts:") else ask.action.partition(":")[0]
                context.setdefault(f"{prefix}:ResourceTag/{name}", value)
                if ask.resource.startswith("arn:aws:s3"):
                    context.setdefault(f"s3:ExistingObjectTag/{name}", value)
        if bound is not None and ask.passed and outside is not None:
            bound = let_through(bound)
        policies = Policies(
            identity=bound.identity if bound is not None else (),
            resource=resource.policy if resource is not None else None,
            boundaries=bound.boundaries if bound is not None else None,
            session=bound.session if bound is not None else None,
            scps=bound.scps if bound is not None else None,
            rcps=rcps,
            vpc_endpoint=through,
            grants=grants_of(ask.resource) if ask.action.startswith("kms:") else (),
        )
        name = bound.name if bound is not None else "anonymous"
        return decide(Request(name, ask.action, ask.resource, owner, context), policies)

    def _facts_of_resource(self, context: Context, account: str | None) -> tuple[Level, ...] | None:
        place = self.binder.place(account) if account is not None else None
        if place is None:
            return None
        context["aws:ResourceOrgID"] = place.organization
        context["aws:ResourceOrgPaths"] = [place.path]
        return place.rcps
