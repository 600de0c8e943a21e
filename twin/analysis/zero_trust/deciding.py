"""For whom each rule can decide: the people of an org, put before its policies."""

from collections.abc import Iterable

from twin.observe.signon import Record, SignOn, Someone
from twin.semantics.signon.context import Context
from twin.semantics.signon.possible import possible
from twin.semantics.signon.proofs import KNOWLEDGE, Proof, proof

Deciding = dict[tuple[str, str], tuple[Record, Record, list[Someone]]]


def deciding(policies: Iterable[Record], people: Iterable[Someone]) -> list[tuple[Record, Record, list[Someone]]]:
    """Return every policy and rule that can decide for somebody, with those people, in the order of the policies."""
    listed = list(policies)
    found: Deciding = {}
    for someone in people:
        for policy, rule in possible(listed, person(someone)):
            key = (str(policy["id"]), str(rule["id"]))
            found.setdefault(key, (policy, rule, []))[2].append(someone)
    return list(found.values())


def person(someone: Someone) -> Context:
    """Return a person as the semantics read one."""
    return Context(user=someone.id, user_type=someone.type, groups=dict(someone.groups))


def usable(org: SignOn) -> list[Proof]:
    """Return the active methods of an org, as anybody could hold them, knowledge first.

    A method that the semantics do not know is passed over.
    """
    found = []
    for name in org.methods:
        try:
            found.append(proof(name, "authenticators"))
        except ValueError:
            continue
    return sorted(found, key=lambda one: (KNOWLEDGE not in one.classes, str(one)))


def logins(people: Iterable[Someone]) -> tuple[str, ...]:
    """Return the logins of people, sorted."""
    return tuple(sorted(someone.login for someone in people))
