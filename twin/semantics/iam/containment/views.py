"""For whom two policies are compared: what else binds the caller decides what a policy lets it do."""

from collections.abc import Sequence
from typing import NamedTuple

from twin.semantics.iam.caller import caller
from twin.semantics.iam.case import Request
from twin.semantics.iam.containment.principals import Entry
from twin.semantics.iam.decision import Decision, Policies
from twin.semantics.iam.policy import Kind, Policy, compile_policy
from twin.semantics.iam.principals import Grade
from twin.semantics.iam.procedure import decide

ELSEWHERE = "000000000000"
"""An account that no caller is of: there the resource's policy must allow, whatever the caller's own policies do."""
_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class View(NamedTuple):
    """One sort of caller and what it needs.

    `least` is how directly the policy must name the caller; `everything` says that its other policies allow all;
    without `grants` these are enough, and the policy can only deny; `abroad`: the resource is of another account.
    """

    said: str
    least: Grade
    everything: bool = False
    grants: bool = True
    abroad: bool = False

    def of(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return the principals that can be such callers."""
        return tuple(one for one in entries if self.grants or caller(one.principal).account is not None)

    def ask(self, request: Request, policy: Policy, kind: Kind) -> Decision:
        """Ask the decision procedure about such a caller."""
        own = (compile_policy(_ALL, "identity"),) if self.everything else ()
        if kind == "identity":
            return decide(request, Policies(identity=(policy, *own)))
        return decide(request, Policies(identity=own, resource=policy))


BY_ITSELF = View("", Grade.DIRECT)
BESIDE_OTHERS = View(" to callers whose other policies allow it", Grade.ACCOUNT, everything=True, grants=False)
FROM_ELSEWHERE = View(" to callers of other accounts", Grade.ACCOUNT, everything=True, abroad=True)
WITHOUT_OWN = View(" to callers without policies of their own", Grade.ROLE)


def views(kind: Kind, *, beside: bool) -> tuple[View, ...]:
    """Return for whom policies of a kind are compared."""
    if kind == "resource":
        return FROM_ELSEWHERE, WITHOUT_OWN, BESIDE_OTHERS
    return (BY_ITSELF, BESIDE_OTHERS) if beside else (BY_ITSELF,)
