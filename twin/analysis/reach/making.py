"""New users and roles that nothing limits, and identity providers that say what the caller wants."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from twin.analysis.reach.hops import Hop
from twin.analysis.reach.places import witnesses
from twin.analysis.reach.rules import Rule
from twin.analysis.reach.subject import ADMINISTRATOR, ALLOW_ALL, Change, Node
from twin.observe.iam.org import Thing, account_of

if TYPE_CHECKING:
    from twin.analysis.reach.ways import Ways


class Spot(NamedTuple):
    """What the places of a rule stand for; `attached` is the policy that an action attaches, where one does."""

    target: str
    account: str
    holder: Thing | None = None
    group: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    tags_known: bool = False
    attached: str = ""


def made(ways: "Ways", node: Node, rule: Rule) -> Iterator[Hop]:
    """Yield the hop to a new user or role without limits, of whichever name is permitted for all steps."""
    subject, account = ways.subject(node), account_of(node.arn)
    form = f"arn:aws:iam::{account}:{rule.target}/*"
    actions = dict.fromkeys(action for needs in rule.actions for action in needs)
    for arn in dict.fromkeys(arn for action in actions for arn in witnesses(subject, action, form)):
        spot = Spot(arn, account, attached=ADMINISTRATOR)
        steps = None if arn in ways.estate.objects else ways.meet(node, rule, spot)
        if steps is not None:
            yield Hop(node, Node(arn, (Change("policy", ADMINISTRATOR, ALLOW_ALL),)), rule.id, steps, rule.provided)
            return


def speaking(ways: "Ways", node: Node, rule: Rule) -> Iterator[Hop]:
    """Yield a hop to each identity provider whose keys the caller may replace by its own."""
    account = account_of(node.arn)
    for provider in ways.estate.things.get("iam.saml-provider", ()):
        steps = ways.meet(node, rule, Spot(provider.arn, account)) if provider.account == account else None
        if steps is not None:
            yield Hop(node, Node(provider.arn), rule.id, steps, rule.provided)
