"""Groups, memberships and the rules that make them."""

import pytest

ENGINEERING = 'user.department=="Engineering"'


def rule_body(group, expression=ENGINEERING, name="engineers"):
    """Return the body of a group rule."""
    return {
        "type": "group_rule",
        "name": name,
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [group["id"]]}},
    }


def members(call, group):
    """Return the ids of a group's members."""
    return {one["id"] for one in call("GET", f"/api/v1/groups/{group['id']}/users")}


def activated(call, body):
    """Create a rule, activate it and return it."""
    rule = call("POST", "/api/v1/groups/rules", body)
    call("POST", f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate")
    return rule


def test_a_group_lives_from_creation_to_deletion(call):
    """A group is created, read, listed, renamed and deleted, each as an event."""
    group = call.group()
    path = f"/api/v1/groups/{group['id']}"
    assert call("GET", path)["profile"]["name"] == "Engineers"
    assert call("PUT", path, {"profile": {"name": "Makers", "description": "x"}})["profile"]["name"] == "Makers"
    assert [one["id"] for one in call("GET", "/api/v1/groups?q=mak")] == [group["id"]]
    assert [one["id"] for one in call("GET", '/api/v1/groups?search=profile.name eq "makers"')] == [group["id"]]
    assert len(call("GET", '/api/v1/groups?filter=type eq "BUILT_IN"')) == 1
    call("DELETE", path)
    call("GET", path, expect=(404, "E0000007"))
    assert call.events() == ["group.lifecycle.create", "group.profile.update", "group.lifecycle.delete"]


def test_a_group_name_is_unique_and_present(call):
    """A second group of the name, and one without a name, are refused."""
    call.group()
    call("POST", "/api/v1/groups", {"profile": {"name": "Engineers"}}, expect=(400, "E0000001"))
    call("POST", "/api/v1/groups", {"profile": {"description": "x"}}, expect=(400, "E0000001"))


def test_adding_a_member_twice_is_one_membership(call):
    """PUT is idempotent; removal ends it; the user lists the group in between."""
    user, group = call.user(), call.group()
    path = f"/api/v1/groups/{group['id']}/users/{user['id']}"
    call("PUT", path)
    call("PUT", path)
    assert members(call, group) == {user["id"]}
    assert {one["profile"]["name"] for one in call("GET", f"/api/v1/users/{user['id']}/groups")} == {
        "Everyone",
        "Engineers",
    }
    call("DELETE", path)
    assert members(call, group) == set()
    assert call.events().count("group.user_membership.add") == 1


def test_everyone_holds_everyone_and_cannot_be_changed(call):
    """The built-in group refuses deletion, renaming and members by hand."""
    user = call.user()
    everyone = call("GET", "/api/v1/groups?q=Everyone")[0]
    assert user["id"] in members(call, everyone)
    path = f"/api/v1/groups/{everyone['id']}"
    call("DELETE", path, expect=(400, "E0000001"))
    call("PUT", path, {"profile": {"name": "Nobody"}}, expect=(400, "E0000001"))
    call("DELETE", f"{path}/users/{user['id']}", expect=(400, "E0000001"))


def test_a_rule_assigns_on_activation_and_on_every_change_of_a_user(call):
    """Matching users come, others go, and nothing happens while the rule is inactive."""
    ada, group = call.user("ada", department="Engineering"), call.group()
    rule = call("POST", "/api/v1/groups/rules", rule_body(group))
    assert rule["status"] == "INACTIVE"
    assert members(call, group) == set()
    call("POST", f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate")
    assert members(call, group) == {ada["id"]}
    bob = call.user("bob", department="Sales")
    assert members(call, group) == {ada["id"]}
    call("POST", f"/api/v1/users/{bob['id']}", {"profile": {"department": "Engineering"}})
    call("POST", f"/api/v1/users/{ada['id']}", {"profile": {"department": "Sales"}})
    assert members(call, group) == {bob["id"]}


def test_a_membership_by_hand_outlives_the_rule(call):
    """Who was added by hand stays when the rule matches no longer."""
    ada, group = call.user("ada", department="Engineering"), call.group()
    call("PUT", f"/api/v1/groups/{group['id']}/users/{ada['id']}")
    activated(call, rule_body(group))
    call("POST", f"/api/v1/users/{ada['id']}", {"profile": {"department": "Sales"}})
    assert members(call, group) == {ada["id"]}


def test_removing_a_member_that_a_rule_made_excludes_the_user(call):
    """The rule does not put the user back."""
    ada, group = call.user("ada", department="Engineering"), call.group()
    rule = activated(call, rule_body(group))
    call("DELETE", f"/api/v1/groups/{group['id']}/users/{ada['id']}")
    call("POST", f"/api/v1/users/{ada['id']}", {"profile": {"title": "x"}})
    assert members(call, group) == set()
    kept = call("GET", f"/api/v1/groups/rules/{rule['id']}")
    assert kept["conditions"]["people"]["users"]["exclude"] == [ada["id"]]


def test_rules_that_ask_about_groups_follow_each_other(call):
    """A rule on membership fires when another rule made the membership."""
    first, second = call.group("First"), call.group("Second")
    activated(call, rule_body(second, f'isMemberOfAnyGroup("{first["id"]}")', "second"))
    activated(call, rule_body(first, name="first"))
    ada = call.user("ada", department="Engineering")
    assert members(call, second) == {ada["id"]}


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ('String.stringContains(user.title, "ngin")', True),
        ('String.startsWith(user.title,"Eng") and user.city != "Oslo"', True),
        ('String.startsWith(user.title,"Eng") && !(user.city == "Rome")', False),
        ("String.toLowerCase(user.title) == 'engineer' or user.city == null", True),
        ('user.department == null', False),
        ('isMemberOfGroupName("Everyone")', True),
        ('isMemberOfGroupNameStartsWith("Admins")', False),
    ],
)  # fmt: skip
def test_expressions_select_whom_they_should(call, expression, matches):
    """Each function and operator is true and false where it should be."""
    ada, group = call.user("ada", department="Engineering", title="Engineer", city="Rome"), call.group()
    activated(call, rule_body(group, expression))
    assert (ada["id"] in members(call, group)) is matches


@pytest.mark.parametrize(
    "expression",
    ["user.shoe == 1", "user.department ==", 'String.nope(user.title)', '"a" "b"', "user.title == 'x' and", "(true",
     "String.startsWith(user.title)", "group.x == 1", "user.title = 'x'"],
)  # fmt: skip
def test_a_bad_expression_is_refused_at_creation(call, expression):
    """No rule exists after the refusal."""
    call("POST", "/api/v1/groups/rules", rule_body(call.group(), expression), expect=(400, "E0000001"))
    assert call("GET", "/api/v1/groups/rules") == []


def test_an_active_rule_is_not_changed_until_deactivated(call):
    """PUT is refused while ACTIVE, and who was assigned stays when the rule stops."""
    ada, group = call.user("ada", department="Engineering"), call.group()
    rule = activated(call, rule_body(group))
    path = f"/api/v1/groups/rules/{rule['id']}"
    changed = rule_body(group, 'user.department=="Sales"')
    call("PUT", path, changed, expect=(400, "E0000001"))
    call("POST", f"{path}/lifecycle/deactivate")
    assert call("PUT", path, changed)["conditions"]["expression"]["value"] == 'user.department=="Sales"'
    assert members(call, group) == {ada["id"]}
    call("POST", f"{path}/lifecycle/activate")
    assert members(call, group) == set()


@pytest.mark.parametrize(("query", "left"), [("", 1), ("?removeUsers=true", 0)])
def test_deleting_a_rule_keeps_or_removes_its_members(call, query, left):
    """`removeUsers` decides."""
    call.user("ada", department="Engineering")
    group = call.group()
    rule = activated(call, rule_body(group))
    call("DELETE", f"/api/v1/groups/rules/{rule['id']}{query}")
    assert len(members(call, group)) == left
    assert call("GET", "/api/v1/groups/rules") == []


def test_a_rule_becomes_invalid_with_its_group(call):
    """An INVALID rule cannot be activated again."""
    group = call.group()
    rule = activated(call, rule_body(group))
    call("DELETE", f"/api/v1/groups/{group['id']}")
    path = f"/api/v1/groups/rules/{rule['id']}"
    assert call("GET", path)["status"] == "INVALID"
    call("POST", f"{path}/lifecycle/activate", expect=(400, "E0000001"))
    call("POST", "/api/v1/groups/rules", rule_body(group, name="other"), expect=(400, "E0000001"))


def test_a_rule_that_gets_another_group_leaves_its_members_where_they_were(call):
    """Memberships in the old group become manual, so that removing one later works."""
    ada, old, new = call.user("ada", department="Engineering"), call.group("Old"), call.group("New")
    rule = activated(call, rule_body(old))
    path = f"/api/v1/groups/rules/{rule['id']}"
    call("POST", f"{path}/lifecycle/deactivate")
    call("PUT", path, rule_body(new))
    call("POST", f"{path}/lifecycle/activate")
    assert members(call, old) == members(call, new) == {ada["id"]}
    call("DELETE", path)
    call("DELETE", f"/api/v1/groups/{old['id']}/users/{ada['id']}")
    assert members(call, old) == set()
