"""Where an account stands in its organization, and the control policies on the way to it.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from dataclasses import dataclass
from typing import Any

from twin.semantics.iam import Level
from twin.semantics.iam.policy import Kind
from twin.world.authorisation.documents import Document, read
from twin.world.stores.moto_store import backends

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True, slots=True)
class Place:
    """An account's place: its organization's id, the path to it, the policies at each level from the root down.

    `scps` and `rcps` are None for the management account, which they never bind, and where their type is not enabled.
    """

    organization: str
    path: str
    scps: tuple[Level, ...] | None
    rcps: tuple[Level, ...] | None
    scps_allow_all: bool
    about_tags: bool


def management_of(account: str) -> str | None:
    """Return the management account of an account's organization; None when it is in none."""
    organizations = backends("organizations")
    if account in organizations and organizations[account]["aws"].org is not None:
        return account
    known = getattr(organizations, "master_accounts", {}).get(account)
    return known[0] if known is not None else None


def place_of(account: str) -> Place | None:
    """Find an account's place in its organization; None when it is in none."""
    management = management_of(account)
    if management is None:
        return None
    state: Any = backends("organizations")[management]["aws"]
    member = next((each for each in state.accounts if each.id == account), None)
    if state.org is None or member is None:
        return None
    levels = [member]
    by_id = {each.id: each for each in state.ou}
    while (parent := by_id.get(levels[-1].parent_id)) is not None:
        levels.append(parent)
    levels.reverse()
    units = "/".join(level.id for level in levels[:-1])
    path = f"{state.org.id}/{units}/"
    if account == management or state.org.feature_set != "ALL":
        return Place(state.org.id, path, None, None, True, False)
    enabled = {kind["Type"] for kind in getattr(levels[0], "policy_types", ())}
    scps, scp_documents = _control(levels, SCP, "scp") if SCP in enabled else (None, [])
    rcps, rcp_documents = _control(levels, RCP, "rcp") if RCP in enabled else (None, [])
    documents = (*scp_documents, *rcp_documents)
    allow_all = scps is None or all(any(d.everything for d in _documents(level, SCP, "scp")) for level in levels)
    free = allow_all and not any(document.denies for document in scp_documents)
    return Place(state.org.id, path, scps, rcps, free, any(document.about_tags for document in documents))


def _control(levels: list[Any], type_: str, kind: Kind) -> tuple[tuple[Level, ...], list[Document]]:
    found = [(level.id, _documents(level, type_, kind)) for level in levels]
    made = tuple(Level(name, tuple(document.policy for document in listed)) for name, listed in found)
    return made, [document for _, listed in found for document in listed]


def _documents(level: Any, type_: str, kind: Kind) -> list[Document]:
    return [read(policy.content, kind) for policy in level.attached_policies if policy.type == type_]
