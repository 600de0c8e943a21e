"""Workforce identity: people, their groups, and how they sign in to Okta."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.aws.iam_password_policy import PasswordPolicy as AccountPasswords
from twin.resources.declaration import Path
from twin.resources.okta.credentials import (
    Authenticator,
    EnrollmentPolicy,
    EnrollmentRule,
    PasswordPolicy,
    PasswordRule,
)
from twin.resources.okta.group import Group, GroupRule, Membership
from twin.resources.okta.network_zone import NetworkZone
from twin.resources.okta.sign_on import GlobalSessionPolicy, GlobalSessionRule
from twin.resources.okta.user import User
from twin.spec.model.workforce import Member, Workforce

AT: Path = ("workforce",)
EVERYONE = "members"
FACTORS = {
    "webauthn": "webauthn",
    "okta_verify": "okta_verify",
    "totp": "google_otp",
    "email": "okta_email",
    "phone": "phone_number",
    "security_question": "security_question",
    "password": "okta_password",
}
PLAN_USERS = {"integrator": 10}
"""Active users by plan: https://developer.okta.com/docs/reference/org-defaults/, read 2026-11-23."""
PERMANENT = ("email", "password")
"""No Okta org is without these two."""


def build(blueprint: Blueprint) -> None:
    """Declare people, groups, zones and the policies of the sign-in."""
    workforce = blueprint.org.workforce
    if workforce is None:
        return
    _quota(blueprint, len(workforce.people))
    for name, person in workforce.people.items():
        _person(blueprint, name, person)
    _groups(blueprint, workforce)
    for name, zone in workforce.zones.items():
        at = (*AT, "zones", name)
        ranges, usage = [str(range_) for range_ in zone.ranges], "BLOCKLIST" if zone.blocked else "POLICY"
        blueprint.add(name, NetworkZone(name=name, gateways=ranges, usage=usage), at, {"gateways": (*at, "ranges")})
    _factors(blueprint, workforce)
    _sessions(blueprint, workforce)
    _passwords(blueprint, workforce)


def _quota(blueprint: Blueprint, people: int) -> None:
    """Report people beyond the org's plan, at the plan's place in the spec."""
    plan = blueprint.org.okta.plan if blueprint.org.okta else "paid"
    limit = PLAN_USERS.get(plan)
    if limit is not None and people > limit:
        message = f"{people} people, {limit} are active at most on Okta's {plan} plan"
        blueprint.problem("TW0664", message, (*AT, "people"), "have fewer people, or say `okta: {plan: paid}`")


def _person(blueprint: Blueprint, name: str, person: Member) -> None:
    at = (*AT, "people", name)
    first, _, last = person.name.rpartition(" ")
    if not first:
        message = f"`{person.name}` lacks a family name, which Okta requires"
        blueprint.problem("TW0734", message, (*at, "name"), "write the given name and the family name")
        return
    workforce = blueprint.org.workforce
    manager = workforce.people[person.manager] if workforce and person.manager else None
    told = {
        "department": person.department,
        "title": person.title,
        "manager": manager.name if manager else None,
        "managerId": manager.email if manager else None,
    }
    user = User(
        login=person.email,
        email=person.email,
        first_name=first,
        last_name=last,
        profile={key: value for key, value in told.items() if value},
    )
    places = {"login": (*at, "email"), "email": (*at, "email"), "first_name": (*at, "name"), "last_name": (*at, "name")}
    made = blueprint.add(name, user, at, places)
    for index, group in enumerate(person.groups):
        membership = Membership(group=ref("okta.group", group), user=made.id)
        blueprint.add(f"{name}-{group}", membership, (*at, "groups", index))


def _groups(blueprint: Blueprint, workforce: Workforce) -> None:
    everyone = Group(name=f"{blueprint.scope.org}-{EVERYONE}", description="Everybody; the sign-in policies are for it")
    all_ = blueprint.add(EVERYONE, everyone, AT)
    joins = GroupRule(
        name=f"{blueprint.scope.org}-{EVERYONE}",
        expression='String.stringContains(user.login, "@")',
        groups=[all_.id],
    )
    blueprint.add(EVERYONE, joins, AT)
    for name, group in workforce.groups.items():
        at = (*AT, "groups", name)
        made = blueprint.add(name, Group(name=name, description=group.description or ""), at, {"name": at})
        if group.departments:
            expression = " OR ".join(f'user.department=="{department}"' for department in group.departments)
            rule = GroupRule(name=f"{name}-departments", expression=expression, groups=[made.id])
            place = (*at, "departments")
            blueprint.add(f"{name}-departments", rule, place, {"expression": place})
    for name, intent in workforce.rules.items():
        at = (*AT, "rules", name)
        groups = [ref("okta.group", group) for group in intent.groups]
        rule = GroupRule(name=name, expression=intent.expression, groups=groups)
        blueprint.add(name, rule, at, {"expression": (*at, "expression"), "groups": (*at, "groups"), "name": at})


def _factors(blueprint: Blueprint, workforce: Workforce) -> None:
    at, mfa = (*AT, "mfa"), workforce.mfa
    place = (*at, "factors")
    for factor in mfa.factors:
        if factor not in PERMANENT:
            blueprint.add(_label(factor), Authenticator(key=FACTORS[factor]), place, {"key": place})
    offered = [factor for factor in mfa.factors if factor != "password"]
    must = mfa.required and (len(offered) == 1 or mfa.phishing_resistant)
    strongest = "webauthn" if "webauthn" in offered else next(iter(offered), None)
    enrolled = {_key(f): "REQUIRED" if must and f == strongest else "OPTIONAL" for f in offered}
    policy = EnrollmentPolicy(
        name=f"{blueprint.scope.org}-factors",
        description="What people enrol",
        groups=[ref("okta.group", EVERYONE)],
        authenticators={"okta_password": "REQUIRED", **enrolled},
        rules=[EnrollmentRule(name="at the first sign-in", enroll="LOGIN")],
    )
    blueprint.add("factors", policy, at, {"authenticators": place})


def _label(factor: str) -> str:
    return factor.replace("_", "-")


def _key(factor: str) -> str:
    """Name an authenticator by reference where it is declared, so that the policy lets go of it first."""
    return FACTORS[factor] if factor in PERMANENT else ref("okta.authenticator", _label(factor), "key")


def _sessions(blueprint: Blueprint, workforce: Workforce) -> None:
    sessions, at = workforce.sessions, (*AT, "sessions")
    allowed = GlobalSessionRule(
        name="sign-in",
        require_mfa=workforce.mfa.required,
        mfa_prompt="ALWAYS" if workforce.mfa.required else None,
        idle_minutes=int(sessions.idle.total_seconds()) // 60,
        lifetime_minutes=int(sessions.lifetime.total_seconds()) // 60,
        persistent_cookie=sessions.persistent,
        zones=[ref("okta.network_zone", workforce.only_from)] if workforce.only_from else [],
    )
    refused = GlobalSessionRule(name="elsewhere", access="DENY")
    policy = GlobalSessionPolicy(
        name=f"{blueprint.scope.org}-sessions",
        description="Sessions with Okta",
        groups=[ref("okta.group", EVERYONE)],
        rules=[allowed, *([refused] if workforce.only_from else [])],
    )
    blueprint.add("sessions", policy, at, {"rules": at})


def _passwords(blueprint: Blueprint, workforce: Workforce) -> None:
    passwords, at = workforce.passwords, (*AT, "passwords")
    days = passwords.max_age.days if passwords.max_age else 0
    policy = PasswordPolicy(
        name=f"{blueprint.scope.org}-passwords",
        description="Passwords of people",
        groups=[ref("okta.group", EVERYONE)],
        rules=[PasswordRule(name="self-service", unlock="DENY")],
        min_length=passwords.min_length,
        symbol=int(passwords.symbols),
        max_age_days=days,
        history=passwords.history,
        max_attempts=passwords.max_attempts,
    )
    places: dict[str, Path] = {"min_length": (*at, "min_length"), "max_age_days": (*at, "max_age")}
    places |= {"history": (*at, "history"), "max_attempts": (*at, "max_attempts")}
    blueprint.add("passwords", policy, at, places)
    account = AccountPasswords(
        minimum_length=passwords.min_length,
        symbols=passwords.symbols,
        maximum_age=days,
        remembered=passwords.history,
    )
    blueprint.add("account", account, at, {"minimum_length": (*at, "min_length"), "maximum_age": (*at, "max_age")})
