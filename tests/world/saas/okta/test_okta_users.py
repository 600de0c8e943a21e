"""Users: profiles, uniqueness, the status machine, lists."""

import pytest

LOGIN = "ada@acme.example"


def status(call, user):
    """Return the status of a user now."""
    return call("GET", f"/api/v1/users/{user['id']}")["status"]


def test_a_user_is_found_by_id_login_and_short_login(call):
    """One user answers to its three names, and to no other."""
    user = call.user()
    assert user["id"].startswith("00u")
    assert len(user["id"]) == 20
    for key in (user["id"], LOGIN, LOGIN.upper(), "ada"):
        assert call("GET", f"/api/v1/users/{key}")["id"] == user["id"]
    call("GET", "/api/v1/users/nobody", expect=(404, "E0000007"))


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("?activate=false", {}, "STAGED"),
        ("", {}, "PROVISIONED"),
        ("", {"credentials": {"password": {"value": "Tw1n-rehearses"}}}, "ACTIVE"),
        ("?nextLogin=changePassword", {"credentials": {"password": {"value": "Tw1n-rehearses"}}}, "PASSWORD_EXPIRED"),
        ("?activate=false", {"credentials": {"password": {"value": "Tw1n-rehearses"}}}, "STAGED"),
        ("?provider=true", {"credentials": {"provider": {"type": "FEDERATION", "name": "FEDERATION"}}}, "ACTIVE"),
    ],
)
def test_the_first_status_follows_from_activation_and_credentials(call, query, body, expected):
    """The documented table of create requests and their statuses holds, and no secret comes back."""
    profile = {"firstName": "Ada", "lastName": "L", "email": LOGIN, "login": LOGIN}
    made = call("POST", f"/api/v1/users{query}", {"profile": profile, **body})
    assert made["status"] == expected
    assert b"Tw1n-rehearses" not in call.last.body


def test_a_login_is_taken_once_whatever_its_case(call):
    """A second user with the login is refused with the vendor's cause."""
    call.user()
    profile = {"firstName": "B", "lastName": "B", "email": "b@acme.example", "login": "ADA@acme.example"}
    call("POST", "/api/v1/users", {"profile": profile}, expect=(400, "E0000001"))
    assert "login: An object with this field already exists" in call.causes()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"firstName": None}, "firstName: The field cannot be left blank"),
        ({"lastName": "x" * 51}, "lastName"),
        ({"email": "not-an-address"}, "email: Does not match"),
        ({"login": "ada"}, "login"),
        ({"shoeSize": "42"}, "shoeSize: The field is not in the user schema"),
        ({"department": 7}, "department: The field must be a string"),
    ],
)
def test_a_profile_outside_the_schema_is_refused(call, change, cause):
    """Each mistake is named as a cause, and nothing is created."""
    before = len(call("GET", "/api/v1/users"))
    profile = {"firstName": "Ada", "lastName": "L", "email": LOGIN, "login": LOGIN} | change
    call("POST", "/api/v1/users", {"profile": profile}, expect=(400, "E0000001"))
    assert cause in call.causes()
    assert len(call("GET", "/api/v1/users")) == before


def test_partial_update_keeps_and_full_update_clears(call):
    """POST merges a profile, PUT replaces it."""
    user = call.user(department="Engineering", title="Engineer")
    kept = call("POST", f"/api/v1/users/{user['id']}", {"profile": {"title": "Lead"}})
    assert kept["profile"]["department"] == "Engineering"
    core = {key: user["profile"][key] for key in ("login", "email", "firstName", "lastName")}
    cleared = call("PUT", f"/api/v1/users/{user['id']}", {"profile": core})
    assert "department" not in cleared["profile"]
    call("PUT", f"/api/v1/users/{user['id']}", {"profile": {"title": "x"}}, expect=(400, "E0000001"))


def test_the_status_machine_runs_its_documented_way(call):
    """A user goes through every status and each transition is an event."""
    user = call.user()
    path = f"/api/v1/users/{user['id']}/lifecycle"
    told = call("POST", f"{path}/activate?sendEmail=false")
    assert told["activationUrl"].endswith(told["activationToken"])
    assert status(call, user) == "PROVISIONED"
    call("POST", f"{path}/reactivate?sendEmail=false")
    call("POST", f"/api/v1/users/{user['id']}", {"credentials": {"password": {"value": "Tw1n-rehearses"}}})
    assert status(call, user) == "ACTIVE"
    call("POST", f"{path}/suspend")
    assert status(call, user) == "SUSPENDED"
    call("POST", f"{path}/unsuspend")
    assert call("POST", f"{path}/expire_password")["status"] == "PASSWORD_EXPIRED"
    assert "resetPasswordUrl" in call("POST", f"{path}/reset_password?sendEmail=false")
    assert status(call, user) == "RECOVERY"
    call("POST", f"{path}/deactivate")
    assert status(call, user) == "DEPROVISIONED"
    wanted = ["activate", "reactivate", "suspend", "unsuspend", "deactivate"]
    told = [event.split(".")[2] for event in call.events() if event.startswith("user.lifecycle")]
    assert told == ["create", *wanted]


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        ("suspend", (400, "E0000001")),
        ("unsuspend", (400, "E0000001")),
        ("unlock", (403, "E0000032")),
        ("reactivate", (403, "E0000038")),
        ("expire_password", (403, "E0000038")),
        ("reset_password?sendEmail=false", (403, "E0000017")),
    ],
)
def test_a_staged_user_refuses_every_other_transition(call, verb, refusal):
    """What is illegal from STAGED is refused with its own code and leaves the status alone."""
    user = call.user()
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/{verb}", expect=refusal)
    assert status(call, user) == "STAGED"


def test_an_active_user_is_not_activated_again(call):
    """The second activation is E0000016."""
    user = call.user(query="")
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/activate", expect=(403, "E0000016"))


def test_a_locked_user_is_unlocked(call, okta):
    """Unlocking leads back to ACTIVE."""
    user = call.user()
    okta.org.users[user["id"]]["status"] = "LOCKED_OUT"
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/unlock")
    assert status(call, user) == "ACTIVE"


def test_deletion_deprovisions_first_and_keeps_memberships_until_the_end(call):
    """The first DELETE deactivates, the second removes; groups keep the user between the two."""
    user, group = call.user(), call.group()
    call("PUT", f"/api/v1/groups/{group['id']}/users/{user['id']}")
    call("DELETE", f"/api/v1/users/{user['id']}")
    assert status(call, user) == "DEPROVISIONED"
    assert [one["id"] for one in call("GET", f"/api/v1/groups/{group['id']}/users")] == [user["id"]]
    assert user["id"] not in [one["id"] for one in call("GET", "/api/v1/users")]
    call("DELETE", f"/api/v1/users/{user['id']}")
    call("GET", f"/api/v1/users/{user['id']}", expect=(404, "E0000007"))
    assert call("GET", f"/api/v1/groups/{group['id']}/users") == []


def names(rows):
    """Return the first names, sorted."""
    return sorted(row["profile"]["firstName"] for row in rows)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=gr", ["Grace"]),
        ('filter=status eq "STAGED"', ["Ada"]),
        ('filter=profile.login eq "grace@acme.example"', ["Grace"]),
        ('search=profile.department eq "ENGINEERING"', ["Ada", "Grace"]),
        ('search=profile.department eq "Engineering" and not (status eq "STAGED")', ["Grace"]),
        ('search=profile.firstName sw "L" or profile.lastName co "est" and profile.title pr', ["Grace", "Linus"]),
        ('search=(profile.firstName sw "L" or profile.firstName sw "A") and created gt "2020-01-01T00:00:00.000Z"',
         ["Ada", "Linus"]),
        ('search=created gt "2030-01-01T00:00:00.000Z"', []),
    ],
)  # fmt: skip
def test_users_are_searched_by_expressions(call, query, found):
    """`q`, `filter` and `search` select who they should, and only them."""
    call.user("ada", department="Engineering")
    call.user("grace", query="", department="Engineering", title="Admiral")
    call.user("linus", query="", department="Kernel")
    rows = [one for one in call("GET", f"/api/v1/users?{query}") if one["profile"]["firstName"] != "Org"]
    assert names(rows) == found


@pytest.mark.parametrize(
    "query",
    ['search=shoe eq "42"', "search=status eq", 'search=status is "ACTIVE"', 'filter=(status eq "ACTIVE"',
     'filter=profile.department eq "x"', 'search=status eq "A" "B"'],
)  # fmt: skip
def test_a_bad_expression_is_refused(call, query):
    """Unknown attributes, operators and syntax are E0000031, never an empty list."""
    call("GET", f"/api/v1/users?{query}", expect=(400, "E0000031"))


def test_pages_link_to_themselves_first_and_to_the_next_last(call):
    """Following `next` on the host that was asked visits everyone once."""
    made = {call.user(f"user{n}")["id"] for n in range(5)}
    url, seen, pages = "http://127.0.0.1:8080/api/v1/users?limit=2", [], 0
    while url:
        seen += [one["id"] for one in call("GET", url)]
        links = call.last.headers.getlist("Link")
        assert links[0].endswith('rel="self"')
        url = links[1].partition(">")[0].lstrip("<") if len(links) == 2 else ""
        assert not url or url.startswith("http://127.0.0.1:8080/api/v1/users?after=")
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 6
    assert made < set(seen)
    call("GET", "/api/v1/users?after=nowhere", expect=(400, "E0000029"))
    call("GET", "/api/v1/users?limit=zero", expect=(400, "E0000029"))


def test_the_default_schema_names_the_required_attributes(call):
    """The schema that checks profiles is the one that is served."""
    schema = call("GET", "/api/v1/meta/schemas/user/default")
    assert schema["definitions"]["base"]["required"] == ["login", "firstName", "lastName", "email"]
