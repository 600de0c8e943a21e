"""The vendor's own SDK drives users through their whole life, with factors, sessions, roles and the log."""

from okta_person import OTHER, PASSWORD, phone_answers, sign_in, totp_of
from okta_sdk import got, m, make_group

ADA = "ada@acme.example"


async def person(sdk):
    """Create an ACTIVE user with a password through the SDK."""
    profile = m.UserProfile(firstName="Ada", lastName="T", email=ADA, login=ADA)
    credentials = m.UserCredentialsWritable(password=m.PasswordCredential(value=PASSWORD))
    return got(await sdk.create_user(m.CreateUserRequest(profile=profile, credentials=credentials)))


async def status(sdk, user):
    """Return the status of a user."""
    return got(await sdk.get_user(user.id)).status


async def test_sdk_takes_a_user_through_every_status(sdk, call):
    """Suspended, expired, reset, locked and unlocked, deactivated, activated again, deleted; wrong steps are errors."""
    user = await person(sdk)
    assert user.status == "ACTIVE"
    *_, error = await sdk.activate_user(user.id, send_email=False)
    assert "E0000016" in str(error)
    assert (await sdk.suspend_user(user.id))[-1] is None
    assert await status(sdk, user) == "SUSPENDED"
    assert (await sdk.unsuspend_user(user.id))[-1] is None
    # The SDK takes the reply of expire_password_with_temp_password for a user, which loses the password.
    secret = call("POST", f"/api/v1/users/{user.id}/lifecycle/expire_password_with_temp_password")["tempPassword"]
    assert await status(sdk, user) == "PASSWORD_EXPIRED"
    change = m.ChangePasswordRequest(
        oldPassword=m.PasswordCredential(value=secret), newPassword=m.PasswordCredential(value=OTHER)
    )
    got(await sdk.change_password(user.id, change))
    assert await status(sdk, user) == "ACTIVE"
    for _ in range(10):
        sign_in(call, password="wrong", expect=(401, "E0000004"))
    assert await status(sdk, user) == "LOCKED_OUT"
    assert (await sdk.unlock_user(user.id))[-1] is None
    assert "reset-password" in got(await sdk.reset_password(user.id, send_email=False)).reset_password_url
    assert await status(sdk, user) == "RECOVERY"
    assert (await sdk.deactivate_user(user.id))[-1] is None
    assert got(await sdk.activate_user(user.id, send_email=False)).activation_token
    assert await status(sdk, user) == "PROVISIONED"
    for _ in range(2):
        assert (await sdk.delete_user(user.id))[-1] is None
    kinds = [one.event_type for one in got(await sdk.list_log_events(limit=1000))]
    assert {"user.account.lock", "user.account.unlock_by_admin", "user.lifecycle.delete.completed"} <= set(kinds)


async def test_sdk_enrols_and_verifies_factors(sdk, call, clock):
    """A code and a push through the SDK's own classes, and the reset of both."""
    user = await person(sdk)
    wanted = m.UserFactorTokenSoftwareTOTP(factorType="token:software:totp", provider="OKTA")
    made = got(await sdk.enroll_factor(user.id, wanted))
    assert made.status == "PENDING_ACTIVATION"
    named, held = {"id": user.id}, {"id": made.id}
    # The SDK's request to activate knows no pass code.
    path = f"/api/v1/users/{user.id}/factors/{made.id}"
    call("POST", f"{path}/lifecycle/activate", {"passCode": totp_of(call, named, held)})
    assert got(await sdk.get_factor(user.id, made.id)).status == "ACTIVE"
    clock.advance(30)
    body = {"passCode": totp_of(call, named, held)}
    assert call("POST", f"{path}/verify", body)["factorResult"] == "SUCCESS"
    push = got(await sdk.enroll_factor(user.id, m.UserFactorPush(factorType="push", provider="OKTA")))
    phone_answers(call, named)
    call("POST", f"/api/v1/users/{user.id}/factors/{push.id}/lifecycle/activate/poll")
    listed = got(await sdk.list_factors(user.id))
    assert {one.factor_type.value for one in listed} == {"token:software:totp", "push"}
    waiting = call("POST", f"/api/v1/users/{user.id}/factors/{push.id}/verify")
    transaction = waiting["_links"]["poll"]["href"].rpartition("/")[2]
    phone_answers(call, named, approve=False)
    told = got(await sdk.get_factor_transaction_status(user.id, push.id, transaction))
    assert "REJECTED" in str(told.to_dict())
    assert (await sdk.reset_factors(user.id))[-1] is None
    assert got(await sdk.list_factors(user.id)) == []


async def test_sdk_sees_sessions_and_ends_them(sdk, call):
    """A session opened by a sign-in is read, used and revoked with all others of its user."""
    user = await person(sdk)
    session = call("POST", "/api/v1/sessions", {"sessionToken": sign_in(call)["sessionToken"]})
    assert got(await sdk.get_session(session["id"])).login == ADA
    assert got(await sdk.refresh_session(session["id"])).status == "ACTIVE"
    assert (await sdk.revoke_user_sessions(user.id, oauth_tokens=True))[-1] is None
    *_, error = await sdk.get_session(session["id"])
    assert "E0000007" in str(error)


async def test_sdk_assigns_roles_and_makes_behaviors(sdk):
    """Standard roles of users and groups, and behaviors of each type, parse into the SDK's classes."""
    user, group = await person(sdk), await make_group(sdk, "Help Desk")
    role = m.AssignRoleToUserRequest(m.StandardRoleAssignmentSchema(type="HELP_DESK_ADMIN"))
    got(await sdk.assign_role_to_user(user.id, role))
    (listed,) = got(await sdk.list_assigned_roles_for_user(user.id))
    assert "HELP_DESK_ADMIN" in str(listed.to_dict())
    reader = m.AssignRoleToGroupRequest(m.StandardRoleAssignmentSchema(type="READ_ONLY_ADMIN"))
    got(await sdk.assign_role_to_group(group.id, reader))
    assert len(got(await sdk.list_group_assigned_roles(group.id))) == 1
    names = {one.name for one in got(await sdk.list_behavior_detection_rules())}
    assert {"New Device", "Velocity"} <= names
    speed = m.BehaviorRuleSettingsVelocity(velocityKph=300)
    fast = m.BehaviorRuleVelocity(name="Fast", type="VELOCITY", settings=speed)
    assert got(await sdk.create_behavior_detection_rule(fast)).settings.velocity_kph == 300
