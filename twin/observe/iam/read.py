"""Reads who may do what in an org: every account of it, and the workforce that signs in to it."""

from collections.abc import Mapping, Sequence

from twin.observe.iam import access_points, stores_of_data, workers
from twin.observe.iam.canonical_users import named
from twin.observe.iam.checked import checked
from twin.observe.iam.identities import identities
from twin.observe.iam.org import Object, Org
from twin.observe.iam.organization import accounts
from twin.observe.iam.reader import Reader, Send
from twin.observe.iam.workforce import workforce
from twin.observe.remembered import Enterable
from twin.resources.call import Refused, aws
from twin.resources.transport import System

ENTRANCE = "OrganizationAccountAccessRole"
"""The role that Organizations makes in a member account for its management account."""


def read_org(systems: Mapping[str, System], account: str, regions: Sequence[str]) -> Org:
    """Read an org through its APIs; what is refused stands in `gaps`. TargetError when nobody answers.

    `systems` are a target's: `aws` in the account, and `okta` where there is one. Other accounts of the organization
    are entered through the role that Organizations makes in them.
    """
    home = systems["aws"]
    first = Reader(home.execute, account, regions[0])
    found: list[Object] = []
    gaps: list[str] = []
    canonical: dict[str, str] = {}
    for one in accounts(first):
        found.append(one)
        send = home.execute if one.id == account else entered(home, one.id, gaps)
        if send is not None:
            found += _account(send, (one.id, regions), gaps, canonical=canonical)
    if "okta" in systems:
        try:
            found += workforce(systems["okta"].execute)
        except Refused as refused:
            gaps.append(f"okta: {refused}")
    found = [named(one, canonical, gaps) for one in found]
    sound, unsound = checked({one.key: one for one in found}.values())
    return Org(tuple(sound), tuple(dict.fromkeys((*first.gaps, *gaps, *unsound))))


def entered(home: System, account: str, gaps: list[str]) -> Send | None:
    """Return the way into a member account; None, and a gap, where its door stays shut."""
    role = f"arn:aws:iam::{account}:role/{ENTRANCE}"
    if not isinstance(home, Enterable):
        gaps.append(f"{account}: it can be entered by an AWS client only")
        return None
    try:
        reply = home.execute(aws("sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "twin-observe"}))
    except Refused as refused:
        gaps.append(f"{account}: {refused}")
        return None
    keys = reply["Credentials"]
    return home.acting_as(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).execute


def _account(
    send: Send, place: tuple[str, Sequence[str]], gaps: list[str], *, canonical: dict[str, str]
) -> list[Object]:  # fmt: skip
    account, regions = place
    found: list[Object] = []
    for index, region in enumerate(regions):
        reader = Reader(send, account, region)
        if index == 0:
            found += identities(reader)
        for read in (*stores_of_data.READERS, *access_points.READERS, *workers.READERS):
            found += read(reader)
        gaps += reader.gaps
        canonical |= reader.canonical
    return found
