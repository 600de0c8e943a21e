"""AssumeRole, also with a provider's token or assertion: who may take a role, and the session that comes of it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam import Policies, Request, decide
from twin.world.authorisation import session_requests as asked
from twin.world.authorisation.ask import Ask, Asking, Context
from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.context import ENDPOINT, facts_of
from twin.world.authorisation.documents import read
from twin.world.authorisation.endpoints import endpoint_named
from twin.world.authorisation.entities import Entity, Ref
from twin.world.authorisation.identity_tokens import identify, provider_facts
from twin.world.authorisation.mfa import authenticated
from twin.world.authorisation.passed_roles import ROLE
from twin.world.authorisation.saml_identity import asserted
from twin.world.authorisation.session import Session
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.managed_policies import seed_named_policies
from twin.world.stores.moto_store import backends

Behavior = Callable[[Call], dict[str, Any] | None]
NO_ROOT = "Roles may not be assumed by root accounts."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role that is to be taken, as a call names it."""

    arn: str
    account: str
    entity: Entity | None


class RoleSessions:
    """Answers the calls of STS that take a role."""

    def __init__(self, authorisation: Authorisation) -> None:
        self._authorisation = authorisation

    def behaviors(self) -> dict[tuple[str, str], Behavior]:
        """Return the operations that are answered here."""
        return {
            ("sts", "AssumeRole"): self.assume_role,
            ("sts", "AssumeRoleWithWebIdentity"): self.with_web_identity,
            ("sts", "AssumeRoleWithSAML"): self.with_saml,
        }

    def assume_role(self, call: Call) -> dict[str, Any]:
        """Give the caller a role's session, when the role trusts it and its own policies let it."""
        if call.principal.kind == "root":
            raise AwsError("AccessDenied", NO_ROOT, 403)
        parameters = Asking(call).parameters
        inherited = call.key.session if call.key is not None else None
        chained = call.principal.kind == "assumed-role"
        name = asked.session_name(parameters)
        documents, arns = asked.limits(parameters)
        tags = asked.tags_of_session(parameters, inherited if chained else None)
        identity = asked.source_identity(parameters, inherited)
        wanted = self._wanted(parameters)
        context = asked.session_context(parameters, tags)
        if (proved := authenticated(call, self._authorisation.clock.now())) is not None:
            context |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
        self._may_take(
            call, wanted, context, tagged=bool(parameters.get("Tags")), named=bool(parameters.get("SourceIdentity"))
        )
        longest = wanted.entity.longest if wanted.entity is not None else asked.DEFAULT
        seconds = asked.seconds(parameters, longest, chained=chained)
        passed = frozenset(parameters.get("TransitiveTagKeys") or ()) | (
            inherited.transitive if inherited else frozenset()
        )
        session = Session(
            "AssumeRole", bool(documents or arns), documents, arns, proved, tags, passed, source_identity=identity
        )
        seed_named_policies(call)
        return self._session(call, wanted, session, name=name, seconds=seconds) | (
            {"SourceIdentity": identity} if identity else {}
        )

    def with_web_identity(self, call: Call) -> dict[str, Any]:
        """Give the bearer of a provider's token a role's session, when the role trusts what the token says."""
        parameters = Asking(call).parameters
        name = asked.session_name(parameters)
        wanted = self._wanted(parameters)
        now = self._authorisation.clock.now()
        who = identify(
            str(parameters.get("WebIdentityToken") or ""), wanted.account, now, keys=self._authorisation.issuer_keys
        )
        documents, arns = asked.limits(parameters)
        tags = tuple(who.tags.items())
        context = {
            **facts_of(Asking(call), None, now),
            **asked.session_context(parameters, tags),
            **provider_facts(who),
        }
        actions = ["sts:AssumeRoleWithWebIdentity", *(["sts:TagSession"] if tags else [])]
        if who.source_identity:
            context["sts:SourceIdentity"] = who.source_identity
            actions.append("sts:SetSourceIdentity")
        self._trusted(wanted, who.principal, actions, context, headers=call.headers)
        seconds = asked.seconds(parameters, wanted.entity.longest if wanted.entity else 0, chained=False)
        session = Session(
            "AssumeRoleWithWebIdentity", bool(documents or arns), documents, arns, tags=tags,
            transitive=who.transitive, source_identity=who.source_identity, provider=who.principal,
            claims=tuple((key, value) for key, value in provider_facts(who).items() if isinstance(value, str)),
        )  # fmt: skip
        return self._session(call, wanted, session, name=name, seconds=seconds) | {
            "SubjectFromWebIdentityToken": who.subject,
            "Provider": who.principal,
            "Audience": who.audience,
        }

    def with_saml(self, call: Call) -> dict[str, Any]:
        """Give the bearer of a provider's assertion a role's session, when the role trusts what the assertion says."""
        parameters = Asking(call).parameters
        wanted = self._wanted(parameters)
        now = self._authorisation.clock.now()
        who = asserted(parameters, wanted.account, now)
        documents, arns = asked.limits(parameters)
        tags = tuple(who.tags.items())
        told = {"RoleSessionName": who.name, "DurationSeconds": parameters.get("DurationSeconds")}
        context = {**facts_of(Asking(call), None, now), **asked.session_context(told, tags), **who.facts()}
        actions = ["sts:AssumeRoleWithSAML", *(["sts:TagSession"] if tags else [])]
        if who.source_identity:
            context["sts:SourceIdentity"] = who.source_identity
            actions.append("sts:SetSourceIdentity")
        self._trusted(wanted, who.principal, actions, context, headers=call.headers)
        seconds = asked.seconds(parameters, wanted.entity.longest if wanted.entity else 0, chained=False)
        session = Session(
            "AssumeRoleWithSAML", bool(documents or arns), documents, arns, tags=tags,
            transitive=who.transitive, source_identity=who.source_identity, provider=who.principal,
            claims=tuple((key, value) for key, value in who.facts().items() if isinstance(value, str)),
        )  # fmt: skip
        reply = self._session(call, wanted, session, name=who.name, seconds=min(seconds, who.most_seconds or seconds))
        source = {"SourceIdentity": who.source_identity} if who.source_identity else {}
        return reply | source | {
            "Subject": who.said.subject,
            "SubjectType": who.kind,
            "Issuer": who.said.issuer,
            "Audience": who.said.recipient,
            "NameQualifier": who.qualifier,
        }  # fmt: skip

    def _trusted(
        self, wanted: Wanted, principal: str, actions: list[str], context: Context, *, headers: Mapping[str, str]
    ) -> None:
        """Refuse a provider's bearer whom the role's trust, the organization or the endpoint does not let in."""
        entity = wanted.entity
        trust = read(entity.trust, "resource") if entity is not None and entity.trust else None
        place = self._authorisation.binder.place(wanted.account)
        if place is not None:
            context |= {"aws:ResourceOrgID": place.organization, "aws:ResourceOrgPaths": [place.path]}
        policies = Policies(
            resource=trust.policy if trust is not None else None,
            rcps=place.rcps if place is not None else None,
            vpc_endpoint=endpoint_named(headers[ENDPOINT]) if ENDPOINT in headers else None,
        )
        for action in actions:
            question = Request(principal, action, wanted.arn, wanted.account, context)
            if entity is None or not decide(question, policies).allowed:
                raise AwsError("AccessDenied", f"Not authorized to perform {actions[0]}", 403)

    def _wanted(self, parameters: dict[str, Any]) -> Wanted:
        arn = str(parameters.get("RoleArn") or "")
        named = ROLE.fullmatch(arn)
        if named is None:
            raise AwsError("ValidationError", f"{arn} is invalid")
        entity = self._authorisation.view.entity(Ref("role", named["account"], named["name"]))
        # The ARN holds the role's path too; another path is another role.
        return Wanted(arn, named["account"], entity if entity is not None and entity.arn == arn else None)

    def _may_take(self, call: Call, wanted: Wanted, context: Context, *, tagged: bool, named: bool) -> None:
        authorisation = self._authorisation
        if wanted.entity is None:
            who = call.principal.arn
            text = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {wanted.arn}"
            raise AwsError("AccessDenied", text, 403)
        actions = [
            "sts:AssumeRole",
            *(["sts:TagSession"] if tagged else []),
            *(["sts:SetSourceIdentity"] if named else []),
        ]
        bound = authorisation.binder.bound(call.principal, call.key)
        asks = [Ask(action, wanted.arn, wanted.account, context) for action in actions]
        authorisation.ask(Asking(call), bound, asks)

    def _session(self, call: Call, wanted: Wanted, session: Session, *, name: str, seconds: int) -> dict[str, Any]:
        made = backends("sts")[wanted.account]["aws"].assume_role(
            region_name=call.region, role_session_name=name, role_arn=wanted.arn, policy=None, duration=seconds,
            external_id=None,
        )  # fmt: skip
        made.session = session
        credentials = {
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": made.expiration,
        }
        result: dict[str, Any] = {
            "Credentials": credentials,
            "AssumedRoleUser": {"AssumedRoleId": made.user_id, "Arn": made.arn},
        }
        if session.limited or session.tags:
            # AWS tells how full its packed form is, and not how it packs; this is the share of the plain text's limit.
            characters = sum(map(len, (*session.documents, *session.arns, *(t for tag in session.tags for t in tag))))
            result["PackedPolicySize"] = min(100, max(1, 100 * characters // asked.POLICY_CHARACTERS))
        return result
