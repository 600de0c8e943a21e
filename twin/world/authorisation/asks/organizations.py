"""Organizations: accounts, OUs, roots and policies by the ARNs of the organization that they are in."""

from collections.abc import Iterator
from typing import Any

from twin.world.authorisation.ask import Ask, Asking, asks_of
from twin.world.authorisation.organization import management_of
from twin.world.authorisation.published import actions_of
from twin.world.stores.moto_store import backends


@asks_of("organizations")
def organization_asks(asking: Asking) -> list[Ask]:
    """Ask for everything of the organization that a call names by its id."""
    call = asking.call
    if not call.operation.isalnum():
        return []
    (action,) = actions_of(call.service, call.operation)
    named = list(_named(asking)) if action.types else []
    context = {"organizations:PolicyType": asking.text("PolicyType", "Type")}
    if service := asking.text("ServicePrincipal"):
        context["organizations:ServicePrincipal"] = service
    return [Ask(action.name, arn, context=context) for arn in named or ["*"]]


def _named(asking: Asking) -> Iterator[str]:
    management = management_of(asking.call.account)
    if management is None:
        return
    state: Any = backends("organizations")[management]["aws"]
    known = {each.id: each.arn for each in (*state.accounts, *state.ou, *state.policies)}
    for value in asking.parameters.values():
        if isinstance(value, str) and value in known:
            yield known[value]
