"""Workforce identity: the people, what they belong to, how they sign in, and what they may open."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.access import WorkforceRole
from twin.spec.model.reference import Group, Person, Zone
from twin.spec.model.section import Problem, Section, cycle
from twin.spec.model.values import Duration, Email, IpRange, Name, Text, Url

Factor = Literal["webauthn", "okta_verify", "totp", "email", "phone", "security_question", "password"]
WEAK = ("email", "phone", "security_question")


class Member(Section):
    """One person."""

    name: Text
    """Given name and family name."""
    email: Email
    """The address that is also the login."""
    department: Text | None = None
    """The department, which group rules may look at."""
    title: Text | None = None
    """What they do."""
    manager: Person | None = None
    """Whom they report to."""
    groups: tuple[Group, ...] = ()
    """Groups that they are put into by hand."""


class WorkforceGroup(Section):
    """A group of people."""

    description: Text | None = None
    """What the group is for."""
    departments: tuple[Text, ...] = ()
    """Departments whose people join by rule."""


class GroupRule(Section):
    """A rule that puts people into groups."""

    expression: Text
    """An Okta expression, such as `user.department == "Engineering"`."""
    groups: tuple[Group, ...] = Field(min_length=1)
    """The groups that matching people join."""


class Mfa(Section):
    """Multi-factor authentication."""

    required: bool = True
    """Whether every sign-in needs a second factor."""
    factors: tuple[Factor, ...] = ("webauthn", "okta_verify")
    """What people may enrol."""
    phishing_resistant: bool = False
    """Whether only factors that cannot be relayed count."""

    def problems(self) -> Iterator[Problem]:
        """Refuse MFA that nobody can satisfy."""
        if self.required and not set(self.factors) - {"password"}:
            yield Problem("TW0214", ("factors",), "MFA is required, but no factor besides the password is allowed")
        if self.phishing_resistant and not {"webauthn", "okta_verify"} & set(self.factors):
            advice = "allow `webauthn`"
            yield Problem("TW0214", ("factors",), "no allowed factor is phishing resistant", advice)


class Sessions(Section):
    """How long a sign-in lasts."""

    idle: Duration = timedelta(minutes=30)
    """Time without activity after which a session ends."""
    lifetime: Duration = timedelta(hours=8)
    """Time after which a session ends in any case."""
    persistent: bool = False
    """Whether a session survives the browser."""

    def problems(self) -> Iterator[Problem]:
        """Refuse an idle time that never takes effect."""
        if self.idle > self.lifetime:
            yield Problem("TW0214", ("idle",), "`idle` is longer than `lifetime`, so it never takes effect")


class Passwords(Section):
    """Password policy, for Okta and for the AWS account."""

    min_length: int = Field(default=14, ge=8, le=30)
    """The least number of characters."""
    history: int = Field(default=10, ge=0, le=24)
    """How many former passwords are refused."""
    max_age: Duration | None = None
    """When a password expires; never when absent."""
    max_attempts: int = Field(default=5, ge=1, le=100)
    """Failed attempts after which the account locks."""
    symbols: bool = True
    """Whether a symbol is required."""


class App(Section):
    """An application behind single sign-on."""

    kind: Literal["oidc", "aws"]
    """`oidc` for OpenID Connect, `aws` for SAML into the AWS account."""
    label: Text | None = None
    """The name that people see; the key when absent."""
    client: Literal["web", "spa", "native", "service"] = "web"
    """What kind of OpenID Connect client it is."""
    redirect_uris: tuple[Url, ...] = ()
    """Where sign-in may return to."""
    logout_uris: tuple[Url, ...] = ()
    """Where sign-out may return to."""
    groups: tuple[Group, ...] = ()
    """Who may open it."""

    def problems(self) -> Iterator[Problem]:
        """Refuse fields that do not belong to the kind."""
        if self.kind == "aws":
            for field in ("client", "redirect_uris", "logout_uris"):
                if field in self.model_fields_set:
                    yield Problem("TW0214", (field,), f"`{field}` belongs to `kind: oidc`")
        elif not self.redirect_uris and self.client != "service":
            yield Problem("TW0214", (), f"an OpenID Connect {self.client} app needs `redirect_uris`")


class TrustedZone(Section):
    """A place on the network."""

    ranges: tuple[IpRange, ...] = Field(min_length=1)
    """Its addresses as CIDR blocks."""
    blocked: bool = False
    """Whether sign-in from there is refused."""


class ApiServer(Section):
    """The authorization server that issues tokens for the org's own APIs."""

    audience: Text
    """The audience of its tokens, such as `api://orders`."""
    scopes: dict[Text, Text] = Field(default_factory=dict)
    """Scopes and what each allows."""
    token_lifetime: Duration = timedelta(hours=1)
    """How long an access token lasts."""
    groups: tuple[Group, ...] = ()
    """Whose members may get tokens; everyone when empty."""


class Workforce(Section):
    """Workforce identity, in Okta, and the AWS roles that it opens."""

    people: dict[Name, Member] = Field(default_factory=dict)
    """People by short name."""
    groups: dict[Name, WorkforceGroup] = Field(default_factory=dict)
    """Groups by name."""
    rules: dict[Name, GroupRule] = Field(default_factory=dict)
    """Rules that fill groups."""
    mfa: Mfa = Mfa()
    """Multi-factor authentication."""
    sessions: Sessions = Sessions()
    """How long a sign-in lasts."""
    passwords: Passwords = Passwords()
    """Password policy."""
    apps: dict[Name, App] = Field(default_factory=dict)
    """Applications by name."""
    roles: dict[Name, WorkforceRole] = Field(default_factory=dict)
    """AWS roles by name."""
    zones: dict[Name, TrustedZone] = Field(default_factory=dict)
    """Network zones by name."""
    only_from: Zone | None = None
    """The zone outside of which sign-in is refused; anywhere when absent."""
    api: ApiServer | None = None
    """The authorization server for the org's own APIs."""

    def problems(self) -> Iterator[Problem]:
        """Refuse two people with one address, and people who manage each other in a circle."""
        seen: dict[str, str] = {}
        for key, person in self.people.items():
            other = seen.setdefault(person.email.lower(), key)
            if other != key:
                yield Problem("TW0304", ("people", key, "email"), f"`{person.email}` is already the address of {other}")
        circle = cycle({key: person.manager for key, person in self.people.items()})
        if circle:
            yield Problem("TW0307", ("people", circle[0], "manager"), f"managers in a circle: {' → '.join(circle)}")
