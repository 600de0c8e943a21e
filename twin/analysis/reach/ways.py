"""Finds the hops that lead from one principal to others: trust, credentials, passed roles, things with roles."""

import re
from collections.abc import Iterable, Iterator

from twin.analysis.reach.answers import NO, Answer, Question
from twin.analysis.reach.asking import Asker
from twin.analysis.reach.estate import Estate, pathless, protected
from twin.analysis.reach.hops import Hop, Step
from twin.analysis.reach.making import Spot, made, speaking
from twin.analysis.reach.places import witnesses
from twin.analysis.reach.rules import Need, Rule, admin_actions, rules
from twin.analysis.reach.subject import ALLOW_ALL, Limits, Node, Source, Subject, levels_of, membership, subject_of
from twin.analysis.reach.workforce import from_okta
from twin.observe.iam.org import Identity, Thing, account_of


class Ways:
    """The ways out of a node, over one estate."""

    def __init__(self, estate: Estate, asker: Asker) -> None:
        self.estate, self.asker = estate, asker
        self._subjects: dict[Node, Subject] = {}
        self._administers: dict[Node, bool] = {}
        self._writes: dict[Node, bool] = {}
        self._homes: dict[str, tuple[tuple[tuple[str, str], ...], Limits | None]] = {}

    def subject(self, node: Node) -> Subject:
        """Return what binds a node; a principal of an account outside the org may do what its account pleases."""
        if node not in self._subjects:
            made = subject_of(node, self.estate.objects)
            if made.account and made.account not in self.estate.accounts:
                free = Source(node.arn, "identity", "the policies of its own account", ALLOW_ALL)
                made = Subject(made.arn, made.account, (free,))
            self._subjects[node] = self.asker.subject(made)
        return self._subjects[node]

    def ask(self, subject: Subject, question: Question) -> Answer:
        """Ask the decision procedure, which is told what binds the account that owns the resource, and its place."""
        account = question.account
        if account not in self._homes:
            home = self.estate.accounts.get(account)
            rcps = levels_of(home, "rcp")
            self._homes[account] = (membership(home, "Resource"), None if rcps is None else self.asker.limits(rcps))
        facts, limits = self._homes[account]
        return self.asker.ask(subject, question._replace(facts=(*question.facts, *facts), limits=limits))

    def administers(self, node: Node) -> bool:
        """Return whether a node may do everything in its account."""
        if node not in self._administers:
            self._administers[node] = self._may_all(node)
        return self._administers[node]

    def _may_all(self, node: Node) -> bool:
        if not node.arn.startswith("arn:") or "-provider/" in node.arn:
            return False
        subject = self.subject(node)
        return all(self.ask(subject, Question(action, "*", subject.account)).allowed for action in admin_actions())

    def writes(self, node: Node) -> bool:
        """Return whether a node's policies speak of writing rights."""
        if node not in self._writes:
            known = node.arn in self.estate.objects
            self._writes[node] = known and any(rule.how == "write" and self._may(node, rule) for rule in rules())
        return self._writes[node]

    def hops(self, node: Node) -> Iterator[Hop]:
        """Yield every way out of a node; an administrator's, one to each principal."""
        if node.arn.startswith("okta:"):
            yield from from_okta(node, self)
            return
        yield from self._assume(node)
        if account_of(node.arn) not in self.estate.accounts or "-provider/" in node.arn:
            return
        if self.administers(node):
            yield from self._rule_everything(node)
            return
        for rule in rules():
            if rule.how != "write" and self._may(node, rule):
                yield from self._apply(node, rule)

    def trust(self, role: Identity) -> Source:
        """Return a role's trust policy as a document."""
        return Source(role.arn, "trust", "trust policy", role.trust)

    def _assume(self, node: Node) -> Iterator[Hop]:
        provider = not node.arn.startswith("arn:") or "-provider/" in node.arn
        action = "sts:AssumeRole"
        if provider:
            action = "sts:AssumeRoleWithSAML" if ":saml-provider/" in node.arn else "sts:AssumeRoleWithWebIdentity"
        names = {node.arn, pathless(node.arn), account_of(node.arn), *self.subject(node).providers}
        for role in self.estate.trusted_by(names):
            if role.arn == node.arn:
                continue
            answer = self.assumes(node, role, action)
            if answer.allowed:
                step = Step(action, role.arn, answer.grounds, answer.conditions)
                yield Hop(node, Node(role.arn), action, (step,))

    def assumes(self, node: Node, role: Identity, action: str) -> Answer:
        """Ask whether a node may assume a role."""
        question = Question(action, role.arn, account_of(role.arn), self.trust(role), (), tags_of(role), True)
        return self.ask(self.subject(node), question)

    def _may(self, node: Node, rule: Rule) -> bool:
        """Return whether the principal's own policies speak of the rule's actions at all, or need not."""
        if rule.how == "use":
            return True
        subject = self.subject(node)
        needed = (("iam:PassRole",), *rule.actions) if rule.how == "pass" else rule.actions
        return all(any(self.asker.covers(subject, action) for action in needs) for needs in needed)

    def _apply(self, node: Node, rule: Rule) -> Iterator[Hop]:
        account = account_of(node.arn)
        if rule.how == "make" or rule.target == "saml-provider":
            yield from (made if rule.how == "make" else speaking)(self, node, rule)
            return
        if rule.how == "use":
            covered = self._covers_all(node, rule)
            there = self.estate.things if covered else self.estate.shared
            for thing in there.get(rule.kind, ()):
                if thing.policy or thing.account == account:
                    yield from self._use(node, rule, thing)
            return
        for identity in self.estate.identities.get(account, ()):
            if identity.arn == node.arn or f":{rule.target}/" not in identity.arn:
                continue
            hop = self._take(node, rule, identity) if rule.how == "take" else self._pass(node, rule, identity)
            if hop is not None:
                yield hop

    def _covers_all(self, node: Node, rule: Rule) -> bool:
        subject = self.subject(node)
        return all(any(self.asker.covers(subject, action) for action in needs) for needs in rule.actions)

    def _use(self, node: Node, rule: Rule, thing: Thing) -> Iterator[Hop]:
        if not any(role in self.estate.objects and role != node.arn for role in thing.roles):
            return
        steps = self.meet(node, rule, Spot(thing.arn, thing.account, thing))
        for role in thing.roles if steps is not None else ():
            if role in self.estate.objects and role != node.arn:
                yield Hop(node, Node(role), rule.id, steps or (), rule.provided)

    def _take(self, node: Node, rule: Rule, target: Identity) -> Hop | None:
        if protected(target.arn):
            return None
        steps = self.meet(node, rule, Spot(target.arn, account_of(target.arn), facts=tags_of(target), tags_known=True))
        if steps is None:
            return None
        if rule.trusts_caller:
            trust = Source(target.arn, "trust", "", _trusting(node.arn))
            account = account_of(target.arn)
            question = Question("sts:AssumeRole", target.arn, account, trust, (), tags_of(target), True)
            answer = self.ask(self.subject(node), question)
            if not answer.allowed:
                return None
            grounds = tuple(ground for ground in answer.grounds if ground.layer != "trust")
            steps = (*steps, Step("sts:AssumeRole", target.arn, grounds, answer.conditions))
        return Hop(node, Node(target.arn), rule.id, steps, rule.provided)

    def _pass(self, node: Node, rule: Rule, role: Identity) -> Hop | None:
        for service in () if protected(role.arn) else rule.services:
            trusted = self._serves(service, role)
            if not trusted.allowed:
                continue
            facts = (("iam:PassedToService", service), *tags_of(role))
            question = Question("iam:PassRole", role.arn, account_of(role.arn), facts=facts, tags_known=True)
            passed = self.ask(self.subject(node), question)
            steps = self.meet(node, rule, Spot(role.arn, account_of(role.arn))) if passed.allowed else None
            if steps is not None:
                first = Step("iam:PassRole", role.arn, passed.grounds, passed.conditions)
                trust = Step("sts:AssumeRole", f"{role.arn} by {service}", trusted.grounds, trusted.conditions)
                return Hop(node, Node(role.arn), rule.id, (first, *steps, trust), rule.provided)
        return None

    def _serves(self, service: str, role: Identity) -> Answer:
        """Ask whether a service may work as a role, also where the trust names it in one Region."""
        name = service.removesuffix("amazonaws.com")
        for named in dict.fromkeys(re.findall(rf'"({re.escape(name)}(?:[a-z0-9-]+\.)?amazonaws\.com)"', role.trust)):
            subject = self.asker.subject(Subject(named, ""))
            question = Question("sts:AssumeRole", role.arn, account_of(role.arn), self.trust(role), by_service=True)
            answer = self.ask(subject, question)
            if answer.allowed:
                return answer
        return NO

    def _rule_everything(self, node: Node) -> Iterator[Hop]:
        """Yield one hop to each principal of an administrator's account, by the first rule that leads there."""
        reached = {node.arn}
        ways = [rule for rule in rules() if rule.how in ("take", "pass")]
        for identity in self.estate.identities.get(account_of(node.arn), ()):
            for rule in ways if identity.arn not in reached else ():
                if f":{rule.target}/" not in identity.arn:
                    continue
                by = self._take if rule.how == "take" else self._pass
                hop = by(node, rule, identity)
                if hop is not None:
                    reached.add(identity.arn)
                    yield hop
                    break
        if len(reached) < len(self.estate.identities.get(account_of(node.arn), ())):
            for rule in (one for one in rules() if one.how == "use"):
                yield from (hop for hop in self._apply(node, rule) if hop.to.arn not in reached)

    def meet(self, node: Node, rule: Rule, spot: Spot) -> tuple[Step, ...] | None:
        """Return the steps that meet all needs of a rule, None when one is not met."""
        steps = []
        for needs in rule.needs:
            found = next((step for need in needs for step in self._one(node, need, spot)), None)
            if found is None:
                return None
            if found.action:
                steps.append(found)
        return tuple(steps)

    def _one(self, node: Node, need: Need, spot: Spot) -> Iterator[Step]:
        """Yield the ways to meet one need."""
        if not need.action:
            there = (one for one in self.estate.things.get(need.place, ()) if one.account == spot.account)
            if need.place == "iam.instance-profile":
                there = (one for one in there if spot.target in one.roles)
            yield from (Step("", one.arn) for one in there)
            return
        subject = self.subject(node)
        for arn, thing in self._places(subject, need, spot):
            attached = (("iam:PolicyARN", spot.attached),) if spot.attached and ":Attach" in need.action else ()
            facts = (*spot.facts, *attached)
            question = Question(need.action, arn, spot.account, facts=facts, tags_known=spot.tags_known)
            if thing is not None:
                question = about(thing, need.action)
            answer = self.ask(subject, question)
            if answer.allowed:
                yield Step(need.action, arn, answer.grounds, answer.conditions)

    def _places(self, subject: Subject, need: Need, spot: Spot) -> Iterable[tuple[str, Thing | None]]:
        if need.place == "target":
            return [(spot.target, None)]
        if need.place == "group":
            return [(spot.group, None)]
        if need.place == "holder":
            return [(spot.holder.arn, spot.holder)] if spot.holder else []
        if need.place.startswith("some "):
            there = self.estate.things.get(need.place.removeprefix("some "), ())
            return [(one.arn, one) for one in there if one.account == spot.account]
        template = need.place.replace("{account}", spot.account)
        return [(arn, None) for arn in witnesses(subject, need.action, template)]


def about(thing: Thing, action: str) -> Question:
    """Return the question about an action on a resource that exists."""
    policy = Source(thing.arn, "resource", "resource policy", thing.policy) if thing.policy else None
    tags = tuple((f"aws:ResourceTag/{key}", value) for key, value in thing.tags or ())
    return Question(action, thing.arn, thing.account, policy, thing.grants, tags, thing.tags is not None)


def tags_of(identity: Identity) -> tuple[tuple[str, str], ...]:
    """Return an identity's tags as the facts of a request about it."""
    both = ("aws:ResourceTag", "iam:ResourceTag")
    return tuple((f"{name}/{key}", value) for name in both for key, value in identity.tags)


def _trusting(arn: str) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"'
        + arn
        + '"},"Action":"sts:AssumeRole"}]}'
    )
