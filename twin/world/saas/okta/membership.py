"""Who belongs to which group, and why: by hand, or by a group rule that is looked at again on every change."""

from collections.abc import Iterable

from twin.world.saas.okta.app_access import apps_of_group, watched
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.rule_expressions import Expression, compile_expression
from twin.world.saas.okta.state import MANUAL, Org, Record


def join(org: Org, group: Record, user: Record, source: str) -> bool:
    """Make a user a member for a reason; say whether the membership is new."""
    members = org.members[group["id"]]
    if user["id"] in members:
        members[user["id"]].add(source)
        return False
    rule = "" if source == MANUAL else source
    with watched(org, apps_of_group(org, group["id"]), [user], rule=rule):
        members[user["id"]] = {source}
        _changed(org, "group.user_membership.add", group, user, rule=rule)
    return True


def leave(org: Org, group: Record, user: Record, source: str = "") -> bool:
    """Drop one reason of a membership, or all; say whether the user is a member no longer."""
    members = org.members[group["id"]]
    sources = members.get(user["id"])
    if sources is None:
        return False
    sources.discard(source)
    if source and sources:
        return False
    with watched(org, apps_of_group(org, group["id"]), [user], rule=source):
        del members[user["id"]]
        _changed(org, "group.user_membership.remove", group, user, rule=source)
    return True


def _changed(org: Org, event_type: str, group: Record, user: Record, *, rule: str) -> None:
    group["lastMembershipUpdated"] = org.now()
    log(org, event_type, target("User", user), target("UserGroup", group), rule=rule)


def evaluate_user(org: Org, user: Record) -> None:
    """Apply every active rule to a user, again while memberships that rules ask about change."""
    active = [rule for rule in org.group_rules.values() if rule["status"] == "ACTIVE"]
    compiled = [(rule, compile_expression(rule["conditions"]["expression"]["value"])) for rule in active]
    for _ in range(len(active) + 1):
        moved = [_apply(org, rule, test, user) for rule, test in compiled]
        if not any(moved):
            return


def evaluate_rule(org: Org, rule: Record) -> None:
    """Apply one rule that just became active to every user, then the rules that depend on what it changed."""
    test = compile_expression(rule["conditions"]["expression"]["value"])
    for user in list(org.users.values()):
        if _apply(org, rule, test, user):
            evaluate_user(org, user)


def _apply(org: Org, rule: Record, test: Expression, user: Record) -> bool:
    if user["status"] == "DEPROVISIONED":
        return False
    people = rule["conditions"]["people"]
    excluded = user["id"] in people["users"]["exclude"] or any(
        user["id"] in org.members.get(group_id, {}) for group_id in people["groups"]["exclude"]
    )
    wanted = not excluded and bool(test(_view(org, user)))
    moved = False
    for group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
        move = join if wanted else leave
        present = rule["id"] in org.members[group_id].get(user["id"], set())
        if present != wanted:
            moved = move(org, org.groups[group_id], user, rule["id"]) or moved
    return moved


def _view(org: Org, user: Record) -> Record:
    groups = [org.groups[group_id] for group_id, members in org.members.items() if user["id"] in members]
    return {"profile": user["profile"], "groups": {group["id"]: group["profile"]["name"] for group in groups}}


def exclude_user(org: Org, user: Record, sources: set[str]) -> None:
    """Keep the rules among `sources` from putting the user back."""
    for rule_id in sorted(sources - {MANUAL}):
        excluded = org.group_rules[rule_id]["conditions"]["people"]["users"]["exclude"]
        if user["id"] not in excluded:
            excluded.append(user["id"])
            rule = target("PolicyRule", org.group_rules[rule_id])
            log(org, "group.user_membership.rule.add_exclusion", target("User", user), rule)


def group_gone(org: Org, group_id: str) -> None:
    """Invalidate the rules that name a deleted group."""
    for rule in org.group_rules.values():
        if group_id in rule["actions"]["assignUserToGroups"]["groupIds"]:
            rule["status"] = "INVALID"
            log(org, "group.user_membership.rule.invalidate", target("PolicyRule", rule))


def forget_rule(org: Org, rule: Record, groups: Iterable[str], *, remove_users: bool) -> None:
    """Turn the memberships that a rule gave in some groups into manual ones, or end them."""
    for group_id in groups:
        for user_id, sources in list(org.members.get(group_id, {}).items()):
            if rule["id"] not in sources:
                continue
            if remove_users:
                leave(org, org.groups[group_id], org.users[user_id], rule["id"])
            else:
                sources.discard(rule["id"])
                sources.add(MANUAL)
