"""The vendor's own SDK drives the org over HTTP, unchanged."""

from urllib.parse import parse_qsl, urlsplit

from okta_sdk import Later, got, m, make_group, make_user

from twin.world.saas.stations import VendorFault

client, executor = Later("okta.client"), Later("okta.request_executor")


async def test_sdk_users_go_through_their_life(sdk):
    """Create, read, change, activate, suspend, deactivate, delete."""
    user = await make_user(sdk, "ada", department="Engineering")
    assert user.status == "STAGED"
    token = got(await sdk.activate_user(user.id, send_email=False))
    assert token.activation_token
    changed = got(await sdk.update_user(user.id, m.UpdateUserRequest(profile=m.UserProfile(title="Lead"))))
    assert (changed.profile.title, changed.profile.department) == ("Lead", "Engineering")
    found = got(await sdk.list_users(search='profile.department eq "Engineering"'))
    assert [one.id for one in found] == [user.id]
    *_, error = await sdk.suspend_user(user.id)
    assert "E0000001" in str(error)
    for call in (sdk.deactivate_user, sdk.delete_user):
        assert (await call(user.id))[-1] is None
    *_, error = await sdk.get_user(user.id)
    assert "E0000007" in str(error)


async def test_sdk_pages_through_all_users(sdk):
    """The SDK reads the last Link line; every user comes once."""
    for number in range(5):
        await make_user(sdk, f"user{number}")
    seen, after = [], None
    while True:
        users, response, error = await sdk.list_users(limit=2, after=after)
        assert error is None
        seen += [one.id for one in users]
        url, _, relation = response.headers["Link"].partition("; ")
        if relation != 'rel="next"':
            break
        after = dict(parse_qsl(urlsplit(url.strip("<>")).query))["after"]
    assert len(seen) == len(set(seen)) == 6


async def test_sdk_groups_and_rules_assign(sdk):
    """A rule made by the SDK puts the user into the group."""
    group, user = await make_group(sdk, "Engineers"), await make_user(sdk, "ada", department="Engineering")
    rule = m.CreateGroupRuleRequest(
        type="group_rule",
        name="engineers",
        conditions=m.GroupRuleConditions(
            expression=m.GroupRuleExpression(value='user.department=="Engineering"', type="urn:okta:expression:1.0")
        ),
        actions=m.GroupRuleAction(assignUserToGroups=m.GroupRuleGroupAssignment(groupIds=[group.id])),
    )
    made = got(await sdk.create_group_rule(rule))
    assert (await sdk.activate_group_rule(made.id))[-1] is None
    assert [one.id for one in got(await sdk.list_group_users(group.id))] == [user.id]
    names = {one.profile.actual_instance.name for one in got(await sdk.list_groups())}
    assert names == {"Everyone", "Engineers"}


async def test_sdk_apps_are_created_and_assigned(sdk):
    """An OIDC client and a SAML app parse into the SDK's own classes."""
    client = m.OpenIdConnectApplicationSettingsClient(
        grant_types=["authorization_code"],
        response_types=["code"],
        redirect_uris=["https://x.example/cb"],
        application_type="web",
    )
    oidc = m.OpenIdConnectApplication(
        label="Portal",
        signOnMode="OPENID_CONNECT",
        name="oidc_client",
        credentials=m.OAuthApplicationCredentials(
            oauthClient=m.ApplicationCredentialsOAuthClient(token_endpoint_auth_method="client_secret_basic")
        ),
        settings=m.OpenIdConnectApplicationSettings(oauthClient=client),
    )
    app = got(await sdk.create_application(oidc))
    assert isinstance(app, m.OpenIdConnectApplication)
    assert app.credentials.oauth_client.client_secret
    group = await make_group(sdk, "Engineers")
    got(await sdk.assign_group_to_application(app.id, group.id, m.ApplicationGroupAssignment(priority=0)))
    assert [one.id for one in got(await sdk.list_application_group_assignments(app.id))] == [group.id]
    assert [one.id for one in got(await sdk.list_applications())] == [app.id]
    *_, error = await sdk.delete_application(app.id)
    assert "E0000056" in str(error)
    assert (await sdk.deactivate_application(app.id))[-1] is None
    assert (await sdk.delete_application(app.id))[-1] is None


async def test_sdk_policies_zones_authenticators_and_servers_parse(sdk):
    """The strict enums of the SDK accept what a new org holds and what it makes."""
    for kind, wanted in (("OKTA_SIGN_ON", m.OktaSignOnPolicy), ("ACCESS_POLICY", m.AccessPolicy),
                         ("PASSWORD", m.PasswordPolicy), ("MFA_ENROLL", m.AuthenticatorEnrollmentPolicy)):  # fmt: skip
        (policy,) = got(await sdk.list_policies(type=kind))
        assert isinstance(policy, wanted)
        (rule,) = got(await sdk.list_policy_rules(policy.id))
        assert rule.system is True
    assert {one.name for one in got(await sdk.list_network_zones())} >= {"LegacyIpZone", "BlockedIpZone"}
    zone = m.IPNetworkZone(name="Office", type="IP", gateways=[m.NetworkZoneAddress(type="CIDR", value="192.0.2.0/24")])
    assert got(await sdk.create_network_zone(zone)).id.startswith("nzo")
    assert {one.key for one in got(await sdk.list_authenticators())} >= {"okta_password", "okta_verify"}
    (server,) = got(await sdk.list_authorization_servers())
    assert server.id == "default"
    made = got(await sdk.create_o_auth2_scope("default", m.OAuth2Scope(name="pay:read")))
    assert made.name == "pay:read"
    assert len(got(await sdk.list_log_events(filter='eventType eq "zone.create"'))) == 1


async def test_sdk_reads_every_event_of_the_log(served, okta, sdk):
    """Pages are followed to the end, and the strict classes take what the org logs."""
    group, user = await make_group(sdk, "Engineers"), await make_user(sdk, "ada")
    await sdk.assign_user_to_group(group.id, user.id)
    await sdk.create_network_zone(m.IPNetworkZone(name="Office", type="IP", usage="BLOCKLIST"))
    seen, after = [], None
    while len(seen) < len(okta.org.events):
        events, response, error = await sdk.list_log_events(limit=2, after=after)
        assert error is None
        seen += events
        url = response.headers["Link"].partition(">")[0].strip("<")
        after = dict(parse_qsl(urlsplit(url).query))["after"]
    assert [one.uuid for one in seen] == [one["uuid"] for one in okta.org.events]
    assert seen[-1].event_type == "zone.make_blacklist"
    assert "python" in seen[0].client.user_agent.raw_user_agent
    assert seen[0].transaction.detail["requestApiTokenId"]


async def test_sdk_meets_faults_and_comes_through(served, okta, sdk, monkeypatch):
    """500 is the vendor's error at once; 503 and 504 are tried again, 429 after the time that the headers tell."""
    left, waited = [], []

    async def pause(_executor, seconds):
        waited.append(seconds)

    monkeypatch.setattr(executor.RequestExecutor, "pause_for_backoff", pause)

    def fault(_call):
        if left:
            raise left.pop()

    url = served(lambda request: okta.serve(request, fault).response)
    once = client.Client({"orgUrl": url, "token": "00bootstrap-token", "rateLimit": {"maxRetries": 1}})
    left.append(VendorFault(500, "outage"))
    *_, error = await once.list_groups()
    assert "E0000009" in str(error)
    for status in (503, 504, 429):
        left.append(VendorFault(status, "outage", retry_after=17))
        *_, error = await once.list_groups()
        assert error is None
        assert left == []
    assert waited == [18]


async def test_sdk_sees_a_bad_token_and_an_unserved_operation(served, okta, sdk):
    """Refusals reach the SDK's caller as the vendor's errors, without retries."""
    url = served(okta.handle)
    config = {"orgUrl": url, "token": "00wrong"}
    *_, error = await client.Client(config).list_groups()
    assert "E0000011" in str(error)
    *_, error = await sdk.list_identity_providers()
    assert "E0000060" in str(error)
    assert "GET /api/v1/idps" in str(error)
