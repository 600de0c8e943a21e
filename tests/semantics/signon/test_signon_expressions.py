"""Custom expressions say what Okta's page of their language says, and refuse what it does not have."""

import re

import pytest
from signon_rows import app_policy, app_rule, asked

from twin.semantics.signon import decide

WEST, ADMINS, ENGINEERS = "00g1emaKYZTWRYYRRTSK", "00garwpuyxHaWOkdV0g4", "00gjitX9HqABSoqTB0g3"
GROUPS = [
    {"id": "00gak46y5hydV6NdM0g4", "name": "Everyone", "type": "BUILT_IN"},
    {"id": WEST, "name": "West Coast Users", "type": "OKTA_GROUP"},
    {"id": ADMINS, "name": "West Coast Admins", "type": "OKTA_GROUP"},
    {"id": ENGINEERS, "name": "Engineering Users", "type": "APP_GROUP"},
]
PROFILE = {
    "firstName": "John",
    "email": "john.doe@okta.com",
    "strArray": ["one", "two"],
    "intArray": [1, 2, 3],
    "isContractor": False,
    "level": 7,
}
JOHN = {"id": "00u-john", "status": "ACTIVE", "profile": PROFILE}


def said(expression, **context):
    """Return whether a rule with this expression decides John's sign-in."""
    policy = app_policy(app_rule("r", conditions={"elCondition": {"condition": expression}}))
    return decide(asked(app=policy, **{"user": JOHN, "groups": GROUPS, **context}))["rule"] == "r"


TRUE = [
    # functions on strings
    "'test'.toUpperCase() == 'TEST'",
    "user.profile.firstName.substring(1,3) == 'oh'",
    "'test'.substring(1) == 'est'",
    "'hello'.replace('l', 'p') == 'heppo'",
    "'hello'.replaceFirst('l', 'p') == 'heplo'",
    "'This is a test'.removeSpaces() == 'Thisisatest'",
    "user.profile.email.substringBefore('@') == 'john.doe'",
    "user.profile.email.substringAfter('.') == 'doe@okta.com'",
    "'it''s'.length() == 4",
    "user.profile.firstName + ' ' + 1.5 == 'John 1.5'",
    # functions on arrays
    "user.profile.intArray.contains(3)",
    "!{1, 2, 3}.contains('one')",
    "user.profile.strArray.size() == 2",
    "{}.isEmpty()",
    "user.profile.strArray.add('zero').size() == 3",
    "{2, 3}.remove(1) == {2, 3}",
    # groups: every criterion holds of one group; a name is a beginning unless the operator says otherwise
    f"user.isMemberOf({{'group.id': {{'{ENGINEERS}', '{ADMINS}'}}}}, {{'group.type': 'APP_GROUP'}})",
    "user.isMemberOf({'group.profile.name': 'West Coast'})",
    "user.isMemberOf({'group.profile.name': 'West Coast', 'operator': 'STARTS_WITH'})",
    "user.isMemberOf({'group.profile.name': {'Nobody', 'West Coast Users'}, 'operator': 'EXACT'})",
    "user.getGroups({'group.type': {'OKTA_GROUP', 'APP_GROUP'}}).size() == 3",
    # properties, choices and numbers
    "user.status == 'ACTIVE'",
    "user.profile.isContractor ? false : true",
    "(user.profile.level > 5 ? 'high' : 'low') == 'high'",
    "user.profile.level == 7.0 && user.profile.level > -1",
    "user.profile.isContractor != 0",
]
FALSE = [
    "'This is a test'.contains('Test')",
    f"user.isMemberOf({{'group.id': {{'{ENGINEERS}', '{ADMINS}'}}}}, {{'group.type': 'BUILT_IN'}})",
    f"user.isMemberOf({{'group.id': '{ENGINEERS}'}}, {{'group.profile.name': 'West Coast'}})",
    "user.isMemberOf({'group.profile.name': 'West Coast', 'operator': 'EXACT'})",
    "user.isMemberOf({'group.profile.name': 'west coast'})",
    "user.profile.isContractor || user.profile.intArray.contains(0)",
    "user.profile.intArray.contains(true)",
    "user.profile.nickName.contains('x')",
    "user.profile.nickName",
]
REFUSED = [
    ("user.profile.firstName", "true or false"),
    ("user.profile.firstName && true", "true or false"),
    ("!user.profile.level", "true or false"),
    ("user.profile.level < 'a'", "not supported between"),
    ("user.profile.level.size() == 1", "no array"),
    ("user.profile.firstName.substring(9) == ''", "no substring"),
    ("user.profile.firstName.substring('a') == ''", "not supported between"),
    ("user.profile.email.matches('x')", "matches is not supported"),
    ("user.profile.firstName.length(1) == 4", "takes 0 argument"),
    ("user.isMemberOf({'group.profile.name': 'W', 'operator': 'CONTAINS'})", "CONTAINS"),
    ("user.isMemberOf({'group.nmae': 'W'})", "groups are asked for by"),
    ("user.isMemberOf('W')", "groups are asked for by"),
    ("DateTime.now() == null", "DateTime"),
    ("true ? false", "':' is missing"),
    ("-'a' == 'b'", "unexpected"),
    ("{{1}: 2} == null", "unhashable"),
    ("{{1}: 2}", "unhashable"),
]


@pytest.mark.parametrize("expression", TRUE)
def test_expression_holds_of_john(expression):
    """Each is an example of the page or follows from its text; its negation therefore does not hold."""
    assert said(expression)
    assert not said(f"!({expression})")


@pytest.mark.parametrize("expression", FALSE)
def test_expression_does_not_hold_of_john(expression):
    """Each misses by one detail; what is missing is not true."""
    assert not said(expression)


@pytest.mark.parametrize(("expression", "why"), REFUSED)
def test_expression_that_is_none_is_refused(expression, why):
    """An expression gives true or false, and what is not supported is named."""
    with pytest.raises(ValueError, match=re.escape(why)):
        said(expression)


def test_type_of_a_group_must_be_told():
    """A question that does not tell the type of a group cannot be asked for it."""
    with pytest.raises(ValueError, match="does not tell"):
        said("user.isMemberOf({'group.type': 'APP_GROUP'})", groups=["00g-staff"])
    with pytest.raises(ValueError, match="BUILT_IN"):
        said("true", groups=[{"id": "00g-staff", "type": "FLAT"}])
