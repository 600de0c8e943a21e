"""What a new org holds before anyone touches it: its first admin, Everyone, the system's own policies and zones."""

from twin.clock import Clock
from twin.world.ids import Ids
from twin.world.saas.okta.authenticators import new_authenticator
from twin.world.saas.okta.authorization_servers import new_server
from twin.world.saas.okta.behaviors import FIRST, new_behavior
from twin.world.saas.okta.groups import new_group
from twin.world.saas.okta.policies import add_policy, add_rule, enrolment_defaults
from twin.world.saas.okta.policy_shapes import PASSWORD_DEFAULTS, filled
from twin.world.saas.okta.principal import new_token
from twin.world.saas.okta.roles import grant
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.okta.users import join_everyone, new_user, set_status

AUTHENTICATORS = ("okta_email", "okta_password", "okta_verify", "phone_number", "webauthn", "security_question")
SIGN_ON = {"signon": {"access": "ALLOW"}}


def found_org(*, clock: Clock, ids: Ids, url: str, name: str, token: str) -> Org:
    """Return a new org with one super admin, who owns `token`."""
    org = Org(clock, ids, url, name)
    org.id, org.secret, org.user_type = org.mint("00o"), ids.hex(32), org.mint("oty")
    instant = org.now()
    org.settings = {
        "id": org.id,
        "subdomain": name,
        "companyName": name,
        "status": "ACTIVE",
        "created": instant,
        "lastUpdated": instant,
        "website": "",
        "phoneNumber": "",
        "endUserSupportHelpURL": "",
        "supportPhoneNumber": "",
        "address1": "",
        "address2": "",
        "city": "",
        "state": "",
        "country": "",
        "postalCode": "",
    }
    everyone = new_group(org, {"name": "Everyone", "description": "All users in your organization"}, "BUILT_IN")
    _first_admin(org, token)
    for key in AUTHENTICATORS:
        new_authenticator(org, key, status="INACTIVE" if key in ("phone_number", "security_question") else "ACTIVE")
    _policies(org, everyone)
    _zones(org)
    for name, kind, settings in FIRST:
        new_behavior(org, name, kind, settings)
    new_server(
        org,
        {"name": "default", "description": "Default authorization server", "audiences": ["api://default"]},
        key="default",
    )
    return org


def _first_admin(org: Org, token: str) -> None:
    login = f"admin@{org.name}.example"
    profile = {"firstName": "Org", "lastName": "Admin", "login": login, "email": login}
    admin = new_user(org, profile, {"password": {"value": org.ids.word(24)}})
    set_status(org, admin, "ACTIVE")
    admin["activated"] = admin["created"]
    join_everyone(org, admin)
    grant(org, org.roles, admin["id"], kind="SUPER_ADMIN", to="USER")
    new_token(org, admin, "bootstrap", token)


def _policies(org: Org, everyone: Record) -> None:
    people = {"people": {"groups": {"include": [everyone["id"]]}}}
    default = {
        "name": "Default Policy",
        "description": "The default policy applies in all situations",
        "conditions": people,
    }
    sign_on = add_policy(org, {"type": "OKTA_SIGN_ON", **default}, system=True)
    add_rule(org, sign_on, {"name": "Default Rule", "actions": SIGN_ON}, system=True)
    enrol = add_policy(org, {"type": "MFA_ENROLL", **default, "settings": enrolment_defaults(org)}, system=True)
    add_rule(org, enrol, {"name": "Default Rule"}, system=True)
    provider = {**people, "authProvider": {"provider": "OKTA"}}
    password = {**default, "conditions": provider, "settings": filled(PASSWORD_DEFAULTS, {})}
    passwords = add_policy(org, {"type": "PASSWORD", **password}, system=True)
    add_rule(org, passwords, {"name": "Default Rule"}, system=True)
    access = {"type": "ACCESS_POLICY", "name": "Any two factors", "description": "Require two factors to access."}
    add_policy(org, access | {"conditions": None}, system=True)


def _zones(org: Org) -> None:
    # DefaultEnhancedDynamicZone, which newer orgs hold too, is left out: the official SDK 3.4.6 cannot parse one.
    for name, usage in (("LegacyIpZone", "POLICY"), ("BlockedIpZone", "BLOCKLIST")):
        zone = org.new("nzo", type="IP", name=name, status="ACTIVE", usage=usage, system=True)
        org.zones[zone["id"]] = zone | {"gateways": None, "proxies": None}
