"""The organization above the account, and money."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from twin.spec.model.access import Statement
from twin.spec.model.reference import ScpTarget, SeverityName, Topic, Unit
from twin.spec.model.section import Problem, Section, cycle, unheard
from twin.spec.model.values import Email, Name, Text, Usd


class OrganizationalUnit(Section):
    """An organizational unit."""

    parent: Unit | None = None
    """The unit above; the root when absent."""


class MemberAccount(Section):
    """An account of the organization."""

    email: Email
    """The address of its root user."""
    unit: Unit | None = None
    """The unit that it belongs to; the root when absent."""


class Guardrail(Section):
    """A service control policy, or one of resources."""

    description: Text
    """What it prevents."""
    binds: Literal["principals", "resources"] = "principals"
    """Whether it limits whoever is in the accounts, or what anybody may do with what they own; then it only denies."""
    statements: tuple[Statement, ...] = Field(min_length=1)
    """Its statements."""
    attach: tuple[ScpTarget, ...] = Field(min_length=1)
    """Units, accounts or `root`, where it applies."""


class Organization(Section):
    """AWS Organizations."""

    units: dict[Name, OrganizationalUnit] = Field(default_factory=dict)
    """Organizational units by name."""
    accounts: dict[Name, MemberAccount] = Field(default_factory=dict)
    """Accounts by name."""
    guardrails: dict[Name, Guardrail] = Field(default_factory=dict)
    """Service and resource control policies by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse units above themselves and two accounts with one address."""
        circle = cycle({name: unit.parent for name, unit in self.units.items()})
        if circle:
            yield Problem("TW0307", ("units", circle[0], "parent"), f"units in a circle: {' → '.join(circle)}")
        seen: dict[str, str] = {}
        for name, account in self.accounts.items():
            other = seen.setdefault(account.email.lower(), name)
            if other != name:
                place = ("accounts", name, "email")
                yield Problem("TW0304", place, f"`{account.email}` is already the address of {other}")


class Budget(Section):
    """A monthly budget."""

    monthly: Usd
    """US dollars per month."""
    alert_at: tuple[int, ...] = (80, 100)
    """Percentages of the budget at which a message is sent."""
    forecast: bool = True
    """Whether the forecast is watched too, at 100 %."""
    notify: tuple[Email, ...] = ()
    """Who gets the message."""
    topics: tuple[Topic, ...] = ()
    """Topics that get the message."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""
    tag: dict[Text, Text] = Field(default_factory=dict)
    """Only costs with this tag; all when empty."""
    service: Text | None = None
    """Only costs of this AWS service; all when absent."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a budget whose alerts reach nobody or never come."""
        yield from unheard(self, "the budget's alerts reach nobody", *self.notify, *self.topics)
        if len(self.tag) > 1:
            message = "AWS counts what has any of several tags, not all of them"
            yield Problem("TW0214", ("tag",), message, "name one tag, and give another one a budget of its own")
        for index, share in enumerate(self.alert_at):
            if not 1 <= share <= 1000:
                yield Problem("TW0201", ("alert_at", index), "a percentage is from 1 to 1000")


class BillingAlarm(Section):
    """An alarm on estimated charges."""

    above: Usd
    """US dollars in the current month."""
    notify: tuple[Topic, ...] = ()
    """Topics that hear of it."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""
    currency: Literal["USD"] = "USD"
    """The currency of the metric."""

    def problems(self) -> Iterator[Problem]:
        """Refuse an alarm that nobody hears."""
        yield from unheard(self, "the alarm reaches nobody", *self.notify)


class Anomalies(Section):
    """Services that cost more than they use to, as Cost Anomaly Detection finds them."""

    above: Usd
    """US dollars that a service has cost too much before it is told."""
    notify: tuple[Email, ...] = ()
    """Who gets a message, once a day."""
    topics: tuple[Topic, ...] = ()
    """Topics that hear of it at once."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""

    def problems(self) -> Iterator[Problem]:
        """Refuse anomalies of which nobody hears."""
        yield from unheard(self, "nobody hears of unusual costs", *self.notify, *self.topics)


class Billing(Section):
    """What it may cost."""

    budgets: dict[Name, Budget] = Field(default_factory=dict)
    """Budgets by name."""
    alarms: dict[Name, BillingAlarm] = Field(default_factory=dict)
    """Alarms by name."""
    anomalies: Anomalies | None = None
    """Whether unusual costs are looked for, and who hears of them."""
    prices: Text | None = None
    """A file with your own prices, beside this one, which go over those of the price book."""
