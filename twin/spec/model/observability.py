"""What Datadog watches, and when it keeps quiet."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from twin.spec.model.on_call import Instant
from twin.spec.model.reference import Monitor as MonitorName
from twin.spec.model.reference import SeverityName
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Email, Name, Text, pattern

QUERY = r"(?:avg|sum|min|max|last)\(last_[0-9]+[mhd]\):(?s:.+?)(?:[<>]=?|==|!=)\s*-?[0-9]+(?:\.[0-9]+)?"
EXAMPLE = "avg(last_5m):sum:shop.errors{env:prod} > 10"
Query = Annotated[str, pattern("TW0699", QUERY, "a query with a window and a threshold", EXAMPLE)]


class Monitor(Section):
    """A query that Datadog evaluates, and who hears when it is true."""

    query: Query
    """The query with its window and its threshold."""
    title: Text | None = None
    """What it is called in messages; derived when absent."""
    says: Text | None = None
    """What its messages say."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""
    notify: tuple[Email, ...] = ()
    """Who gets a mail."""
    warning: float | None = None
    """The threshold of a warning, before that of the query."""
    no_data: Duration | None = None
    """Tell when no data came for so long; whole minutes, two at least."""
    priority: int | None = Field(default=None, ge=1, le=5)
    """How important it is; 1 is the most."""
    tags: dict[Text, Text] = Field(default_factory=dict)
    """Its tags, besides the org's."""
    muted: bool = False
    """Whether it tells nobody for now."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a monitor that nobody hears."""
        if self.page is None and not self.notify:
            yield Problem("TW0306", (), "the monitor calls nobody", "add `page:` or `notify:`")
        if self.no_data is not None and (self.no_data.total_seconds() % 60 or self.no_data.total_seconds() < 120):
            yield Problem("TW0201", ("no_data",), "Datadog counts whole minutes without data, two at least")


class Downtime(Section):
    """A time in which monitors keep quiet."""

    scope: Text = "*"
    """Tags that must all be there, such as env:staging AND team:shop; everything by default."""
    monitor: MonitorName | None = None
    """The one monitor that keeps quiet."""
    monitor_tags: tuple[Text, ...] = ()
    """Or the tags of the monitors that do."""
    says: Text = ""
    """Why."""
    start: Instant | None = None
    """From when on, in UTC; at once when absent."""
    end: Instant | None = None
    """Until when, in UTC; for good when absent."""

    def problems(self) -> Iterator[Problem]:
        """Refuse two ways to say which monitors, and an end before the start."""
        if self.monitor and self.monitor_tags:
            yield Problem("TW0214", ("monitor_tags",), "either one `monitor` or `monitor_tags`")
        if self.start and self.end and self.end <= self.start:
            yield Problem("TW0214", ("end",), "the downtime ends before it starts")


class Datadog(Section):
    """The monitors and downtimes of a Datadog organization."""

    monitors: dict[Name, Monitor] = Field(default_factory=dict)
    """Monitors by name."""
    downtimes: dict[Name, Downtime] = Field(default_factory=dict)
    """Downtimes by name."""


class Observability(Section):
    """What watches besides AWS."""

    datadog: Datadog | None = None
    """Datadog."""
