"""What binds a principal whatever it asks: its policies, compiled, and what is known about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from twin.semantics.iam import Level, Policy
from twin.semantics.iam.policy import Kind
from twin.world.authorisation.documents import Document, read
from twin.world.authorisation.entities import Entity, Ref
from twin.world.authorisation.organization import Place, place_of
from twin.world.authorisation.session import Session
from twin.world.authorisation.view import IamView
from twin.world.principals import Key, Principal

Facts = dict[str, Any]
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Bound:
    """The layers of a principal, as the decision procedure wants them; `facts` are the condition keys about it.

    `free`: nothing that binds it could ever refuse, so only policies of resources are asked.
    """

    name: str
    account: str
    identity: tuple[Policy, ...]
    boundaries: tuple[Policy, ...] | None
    session: tuple[Policy, ...] | None
    scps: tuple[Level, ...] | None
    facts: Facts
    free: bool
    about_tags: bool


class Binder:
    """Finds what binds a principal; remembers it until IAM or the organization changes."""

    def __init__(self, view: IamView) -> None:
        self._view = view
        self._kept: dict[tuple[str, str], Bound] = {}
        self._places: dict[str, Place | None] = {}
        self._generation = -1

    def place(self, account: str) -> Place | None:
        """Return an account's place in its organization."""
        self._refresh()
        if account not in self._places:
            self._places[account] = place_of(account)
        return self._places[account]

    def bound(self, principal: Principal, key: Key | None) -> Bound:
        """Return what binds the principal behind a key."""
        if not self._view.settled:
            return self._bind(principal, key)
        self._refresh()
        name = (key.credentials.access_key_id if key is not None else "", principal.arn)
        found = self._kept.get(name)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            found = self._kept[name] = self._bind(principal, key)
        return found

    def entity(self, principal: Principal, key: Key | None) -> Entity | None:
        """Return the user or role whose policies a principal has; None for root."""
        if principal.kind == "assumed-role":
            return self._view.entity(Ref("role", principal.account, principal.arn.split("/")[1]))
        owner = key.issuer if principal.kind == "federated-user" and key is not None else principal
        if owner is None or owner.kind != "user":
            return None
        return self._view.entity(Ref("user", owner.account, owner.arn.rpartition("/")[2]))

    def layers(self, entity: Entity, account: str) -> tuple[list[Document], list[Document] | None]:
        """Return an entity's identity policies, its groups' included, and its boundary."""
        found = self._of(entity, account)
        for group in entity.groups:
            kept = self._view.entity(Ref("group", account, group))
            found += self._of(kept, account) if kept is not None else []
        boundary = None if entity.boundary is None else self.managed([entity.boundary], account, "boundary")
        return found, boundary

    def managed(self, arns: Iterable[str], account: str, kind: Kind) -> list[Document]:
        """Return managed policies, compiled; one that is gone grants nothing."""
        texts = (self._view.policy(Ref("policy", account, arn)) for arn in arns)
        return [read(text, kind) for text in texts if text]

    def _refresh(self) -> None:
        if self._generation != self._view.generation:
            self._kept.clear()
            self._places.clear()
            self._generation = self._view.generation

    def _of(self, entity: Entity, account: str) -> list[Document]:
        return [read(text, "identity") for _, text in entity.inline] + self.managed(
            entity.attached, account, "identity"
        )

    def _bind(self, principal: Principal, key: Key | None) -> Bound:
        account = principal.account
        entity = self.entity(principal, key)
        identity, boundary = self.layers(entity, account) if entity is not None else ([], None)
        session = key.session if key is not None else None
        limits = self._limits(session, account)
        root = _root(principal, key)
        if principal.kind == "federated-user" and root:
            # The permissions of whoever asked for it, limited by the session's policy: root's are all.
            identity = [read(EVERYTHING, "identity")]
        place = self.place(account)
        layers = [identity, *([boundary] if boundary is not None else []), *([limits] if limits is not None else [])]
        free = (principal.kind == "root" or all(map(_free, layers))) and (place is None or place.scps_allow_all)
        if principal.kind == "federated-user" and limits is None:
            free = False
        return Bound(
            name=principal.arn,
            account=account,
            identity=_policies(identity),
            boundaries=None if boundary is None else _policies(boundary),
            session=None if limits is None else _policies(limits),
            scps=place.scps if place is not None else None,
            facts=_facts(principal, key, entity) | _organization(place),
            free=free,
            about_tags=any(d.about_tags for layer in layers for d in layer) or (place is not None and place.about_tags),
        )

    def _limits(self, session: Session | None, account: str) -> list[Document] | None:
        if session is None or not session.limited:
            return None
        return [read(text, "session") for text in session.documents] + self.managed(session.arns, account, "session")


EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def let_through(bound: Bound) -> Bound:
    """Return a principal whose own account has allowed a request already; what it denies still counts."""
    all_ = read(EVERYTHING, "identity").policy

    def more(policies: tuple[Policy, ...] | None) -> tuple[Policy, ...] | None:
        return None if policies is None else (*policies, all_)

    scps = None if bound.scps is None else tuple(replace(one, policies=(*one.policies, all_)) for one in bound.scps)
    own = (*bound.identity, all_)
    return replace(bound, identity=own, boundaries=more(bound.boundaries), session=more(bound.session), scps=scps)


def _root(principal: Principal, key: Key | None) -> bool:
    return key is not None and key.issuer is not None and key.issuer.kind == "root"


def _policies(documents: list[Document]) -> tuple[Policy, ...]:
    return tuple(document.policy for document in documents)


def _free(layer: list[Document]) -> bool:
    return any(document.everything for document in layer) and not any(document.denies for document in layer)


def _organization(place: Place | None) -> Facts:
    return {} if place is None else {"aws:PrincipalOrgID": place.organization, "aws:PrincipalOrgPaths": [place.path]}


def _facts(principal: Principal, key: Key | None, entity: Entity | None) -> Facts:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html."""
    facts: Facts = {"aws:userid": principal.user_id}
    if principal.kind == "user":
        facts["aws:username"] = principal.arn.rpartition("/")[2]
    if principal.kind == "assumed-role" and entity is not None:
        facts["aws:PrincipalArn"] = entity.arn
    tags = dict(entity.tags) if entity is not None else {}
    session = key.session if key is not None else None
    if session is not None:
        lowered = {name.lower() for name, _ in session.tags}
        tags = {name: value for name, value in tags.items() if name.lower() not in lowered} | dict(session.tags)
        facts |= dict(session.claims)
        if session.provider:
            facts["aws:FederatedProvider"] = session.provider
        if session.source_identity:
            facts["aws:SourceIdentity"] = session.source_identity
    facts |= {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    if key is not None and key.credentials.session_token is not None:
        if key.issued is not None:
            facts["aws:TokenIssueTime"] = key.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
        # Long-term keys have no such key at all; a role's session never has it true.
        facts["aws:MultiFactorAuthPresent"] = session is not None and session.mfa is not None
    return facts
