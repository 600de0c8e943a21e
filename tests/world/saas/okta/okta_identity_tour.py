"""The tour of what users and administrators do with identities: each call and the events that it leaves."""

from okta_person import NO_TOKEN, OTHER, PASSWORD, message, phone_answers, totp_of

MFA, START, RULED = "user.authentication.auth_via_mfa", "user.session.start", "policy.evaluate_sign_on"
UPDATED = "user.account.update_password"
THIRD, FOURTH, FIFTH = "Th1rd-secret", "F0urth-secret", "F1fth-secret"


def ada(tour):
    """Return a new user with a password and a recovery question."""
    profile = {"firstName": "Ada", "lastName": "T", "email": "ada@acme.example", "login": "ada@acme.example"}
    question = {"question": "Ship?", "answer": "Nostromo"}
    credentials = {"password": {"value": PASSWORD}, "recovery_question": question}
    return tour.call("POST", "/api/v1/users", {"profile": profile, "credentials": credentials})


def tour_credentials(tour, user):
    """The user's own ways to a new password."""
    path, secret = f"/api/v1/users/{user['id']}", {"value": PASSWORD}
    tour(
        "POST", f"{path}/credentials/change_password", {"oldPassword": secret, "newPassword": {"value": OTHER}}, UPDATED
    )
    question = {"question": "Ship?", "answer": "Nostromo"}
    body = {"password": {"value": OTHER}, "recovery_question": question}
    tour("POST", f"{path}/credentials/change_recovery_question", body)
    tour("POST", f"{path}/credentials/forgot_password", None, "user.account.reset_password")
    back = {"password": secret, "recovery_question": {"answer": "nostromo"}}
    tour("POST", f"{path}/credentials/forgot_password_recovery_question", back, UPDATED)
    expired = "user.account.expire_password"
    temporary = tour("POST", f"{path}/lifecycle/expire_password_with_temp_password", None, expired)
    change = {"oldPassword": {"value": temporary["tempPassword"]}, "newPassword": secret}
    tour.call("POST", f"{path}/credentials/change_password", change)


def tour_factors(tour, user):
    """Factors of each kind that sends something, and their end."""
    call, path = tour.call, f"/api/v1/users/{user['id']}/factors"
    keys = {one["key"]: one["id"] for one in call("GET", "/api/v1/authenticators")}
    call("POST", f"/api/v1/authenticators/{keys['phone_number']}/lifecycle/activate")
    call("POST", f"/api/v1/authenticators/{keys['phone_number']}/methods/voice/lifecycle/activate")
    sent = {"sms": "system.sms.send_factor_verify_message", "call": "system.voice.send_mfa_challenge_call",
            "email": "system.email.send_factor_verify_message"}  # fmt: skip
    for kind, event in sent.items():
        profile = {} if kind == "email" else {"phoneNumber": "+15554151337"}
        made = tour("POST", path, {"factorType": kind, "provider": "OKTA", "profile": profile}, event)
        code = {"passCode": message(call, kind)["code"]}
        tour("POST", f"{path}/{made['id']}/lifecycle/activate", code, MFA, "user.mfa.factor.activate")
        tour("POST", f"{path}/{made['id']}/verify", None, event)
        call.okta.org.clock.advance(30)
        tour("POST", f"{path}/{made['id']}/resend", None, event)
    tour("DELETE", f"{path}/{made['id']}", None, "user.mfa.factor.deactivate")
    push = tour("POST", path, {"factorType": "push", "provider": "OKTA"}, "system.push.send_factor_verify_push")
    phone_answers(call, user)
    tour("POST", f"{path}/{push['id']}/lifecycle/activate/poll", None, "user.mfa.factor.activate")
    tour("POST", f"{path}/{push['id']}/verify", None, "system.push.send_factor_verify_push")
    phone_answers(call, user, approve=False)
    tour("POST", f"/api/v1/users/{user['id']}/lifecycle/reset_factors", None, "user.mfa.factor.reset_all")


def tour_sessions(tour, user):
    """Sign-ins without a second factor, and the sessions that they open."""
    login = {"username": "ada@acme.example", "password": PASSWORD}

    def opened():
        done = tour("POST", "/api/v1/authn", login, RULED, START)
        return tour("POST", "/api/v1/sessions", {"sessionToken": done["sessionToken"]})

    path = f"/api/v1/sessions/{opened()['id']}"
    tour("POST", f"{path}/lifecycle/refresh", None)
    tour("DELETE", path, None, "user.session.end")
    opened()
    tour("DELETE", f"/api/v1/users/{user['id']}/sessions?oauthTokens=true", None, "user.session.clear")


def tour_sign_in(tour, user):
    """Sign-ins that need more than a password."""
    call, authn = tour.call, "/api/v1/authn"
    group = next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    everybody = {"people": {"groups": {"include": [group]}}}
    policy = call("POST", "/api/v1/policies", {"type": "OKTA_SIGN_ON", "name": "MFA", "conditions": everybody})
    actions = {"signon": {"access": "ALLOW", "requireFactor": True, "factorPromptMode": "ALWAYS"}}
    call("POST", f"/api/v1/policies/{policy['id']}/rules", {"name": "R", "type": "SIGN_ON", "actions": actions})
    login = {"username": "ada@acme.example", "password": PASSWORD}
    state = {"stateToken": tour("POST", authn, login, RULED)["stateToken"]}
    enrol = state | {"factorType": "token:software:totp", "provider": "OKTA"}
    code = tour("POST", f"{authn}/factors", enrol)["_embedded"]["factor"]
    body = state | {"passCode": totp_of(call, user, code)}
    done = MFA, "user.mfa.factor.activate", RULED, START
    tour("POST", f"{authn}/factors/{code['id']}/lifecycle/activate", body, *done)
    call("DELETE", f"/api/v1/users/{user['id']}/factors/{code['id']}")
    state = {"stateToken": call("POST", authn, login)["stateToken"]}
    push = call("POST", f"{authn}/factors", state | {"factorType": "push", "provider": "OKTA"})["_embedded"]["factor"]
    phone_answers(call, user)
    paired = "user.mfa.factor.activate", RULED, START
    tour("POST", f"{authn}/factors/{push['id']}/lifecycle/activate/poll", state, *paired)
    state = {"stateToken": call("POST", authn, login)["stateToken"]}
    sent = "system.push.send_factor_verify_push"
    tour("POST", f"{authn}/factors/{push['id']}/verify", state, sent)
    tour("POST", f"{authn}/factors/{push['id']}/verify/resend", state, sent)
    tour("POST", f"{authn}/previous", state)
    tour("POST", f"{authn}/cancel", state)
    call("DELETE", f"/api/v1/policies/{policy['id']}")


def tour_recovery(tour, user):
    """Expired and forgotten passwords, a locked account, and a risky place."""
    call, authn, path = tour.call, "/api/v1/authn", f"/api/v1/users/{user['id']}"
    login = {"username": "ada@acme.example", "password": PASSWORD}
    call("POST", f"{path}/lifecycle/expire_password")
    state = {"stateToken": call("POST", authn, login)["stateToken"]}
    change = state | {"oldPassword": PASSWORD, "newPassword": THIRD}
    tour("POST", f"{authn}/credentials/change_password", change, UPDATED, RULED, START)
    asked = {"username": "ada@acme.example", "factorType": "EMAIL"}
    tour("POST", f"{authn}/recovery/password", asked, "user.account.reset_password")
    token = {"recoveryToken": message(call, "recovery")["token"]}
    state = {"stateToken": tour("POST", f"{authn}/recovery/token", token)["stateToken"]}
    tour("POST", f"{authn}/recovery/answer", state | {"answer": "nostromo"})
    tour("POST", f"{authn}/credentials/reset_password", state | {"newPassword": FOURTH}, UPDATED, RULED, START)
    login |= {"password": FOURTH}
    for _ in range(10):
        call("POST", authn, login | {"password": "wrong"}, expect=(401, "E0000004"), headers=NO_TOKEN)
    (policy,) = call("GET", "/api/v1/policies?type=PASSWORD")
    (rule,) = call("GET", f"/api/v1/policies/{policy['id']}/rules")
    allowed = {"name": rule["name"], "type": "PASSWORD", "actions": {"selfServiceUnlock": {"access": "ALLOW"}}}
    call("PUT", f"/api/v1/policies/{policy['id']}/rules/{rule['id']}", allowed)
    tour("POST", f"{authn}/recovery/unlock", asked, "user.account.unlock_token")
    token = {"recoveryToken": message(call, "recovery")["token"]}
    state = {"stateToken": call("POST", f"{authn}/recovery/token", token)["stateToken"]}
    call("POST", f"{authn}/recovery/answer", state | {"answer": "nostromo"})
    reset, login = state | {"newPassword": FIFTH}, login | {"password": FIFTH}
    unlocked = "user.account.unlock", UPDATED, RULED, START
    tour("POST", f"{authn}/credentials/reset_password", reset, *unlocked)
    age = {"password": {"age": {"maxAgeDays": 30, "expireWarnDays": 30}}}
    call("PUT", f"/api/v1/policies/{policy['id']}", {"type": "PASSWORD", "name": policy["name"], "settings": age})
    warned = login | {"options": {"warnBeforePasswordExpired": True}}
    tour("POST", f"{authn}/skip", {"stateToken": call("POST", authn, warned)["stateToken"]}, RULED, START)


def tour_behaviors(tour):
    """A behavior from its creation to its deletion."""
    event, body = "security.behavior.settings", {"name": "Far", "type": "VELOCITY", "settings": {"velocityKph": 500}}
    made = tour("POST", "/api/v1/behaviors", body, f"{event}.create")
    path = f"/api/v1/behaviors/{made['id']}"
    tour("PUT", path, body | {"name": "Farther"}, f"{event}.update")
    tour("POST", f"{path}/lifecycle/deactivate", None, f"{event}.update")
    tour("POST", f"{path}/lifecycle/activate", None, f"{event}.update")
    tour("DELETE", path, None, f"{event}.delete")


def tour_roles(tour, user):
    """Roles of a user and of a group."""
    group = tour.call.group("Admins")
    grants = (("users", user["id"], "user.account.privilege"), ("groups", group["id"], "group.privilege"))
    for where, key, event in grants:
        path = f"/api/v1/{where}/{key}/roles"
        made = tour("POST", path, {"type": "READ_ONLY_ADMIN"}, f"{event}.grant")
        tour("DELETE", f"{path}/{made['id']}", None, f"{event}.revoke")


def tour_identity(tour):
    """Everything above, for one user."""
    user = ada(tour)
    for part in (tour_credentials, tour_factors, tour_sessions, tour_sign_in, tour_recovery, tour_roles):
        part(tour, user)
    tour_behaviors(tour)
    app = {
        "name": "bookmark",
        "label": "Asked",
        "signOnMode": "BOOKMARK",
        "settings": {"app": {"url": "https://a.example"}},
    }
    simulation = [{"appInstance": tour.call("POST", "/api/v1/apps", app)["id"]}]
    tour("POST", "/api/v1/policies/simulate", simulation)


def tour_refusals(tour):
    """What a blocked network, a token out of its zone and a denied push leave in the log, though they are refused."""
    call, away = tour.call, {"X-Twin-Source-Ip": "192.0.2.9"}
    block = [{"type": "CIDR", "value": "192.0.2.0/24"}]
    zone = call("POST", "/api/v1/zones", {"type": "IP", "name": "Out", "usage": "BLOCKLIST", "gateways": block})
    body = {"username": "ada@acme.example", "password": PASSWORD}
    call("POST", "/api/v1/authn", body, headers=NO_TOKEN | away, expect=(403, "E0000006"))
    assert tour.told() == ["security.request.blocked"]
    (token,) = call("GET", "/api/v1/api-tokens")
    outside = {"name": "bootstrap", "network": {"connection": "ZONE", "exclude": [zone["id"]]}}
    call("PUT", f"/api/v1/api-tokens/{token['id']}", outside)
    call("GET", "/api/v1/groups", headers=away, expect=(403, "E0000006"))
    assert tour.told() == ["system.api_token.request_outside_allowed_range"]
    call("PUT", f"/api/v1/api-tokens/{token['id']}", outside | {"network": {"connection": "ANYWHERE"}})
