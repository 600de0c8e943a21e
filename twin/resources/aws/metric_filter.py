"""CloudWatch Logs metric filters: what is counted in a log group."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.logs import GONE
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class MetricFilter(Resource):
    """A filter whose matches count into a metric; AWS keeps no tags on it."""

    TYPE: ClassVar[str] = "aws.logs.metric_filter"
    KEY: ClassVar[tuple[str, ...]] = ("group", "name")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    name: Annotated[str, IMMUTABLE] = Field(description="The filter's name, unique in its group")
    group: Annotated[str, RefTo("aws.logs.group"), IMMUTABLE] = Field(description="Name of the log group")
    pattern: str = Field(description="A filter pattern of CloudWatch Logs")
    namespace: str = Field(description="The namespace of the metric")
    metric: str = Field(description="The metric into which matches count")
    value: str = Field("1", description="What one match adds, a number or a field of the record")
    default: float | None = Field(None, description="What is told when records come and none matches")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all filters with one DescribeMetricFilters."""
        reply = yield aws("logs", "DescribeMetricFilters", pages=True)
        found = []
        for item in reply.get("metricFilters") or ():
            told = item["metricTransformations"][0]
            fields = {
                "name": item["filterName"],
                "group": item["logGroupName"],
                "pattern": item.get("filterPattern", ""),
                "namespace": told["metricNamespace"],
                "metric": told["metricName"],
                "value": told["metricValue"],
                "default": told.get("defaultValue"),
            }
            id_ = f"{fields['group']}|{fields['name']}"
            found.append(Observed(id_, fields, {"id": id_}, member_of=("aws.logs.group", fields["group"])))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the key."""
        return {"id": f"{self.group}|{self.name}"}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the filter."""
        yield self._put()
        return self.predict(scope)

    def _put(self) -> Call:
        told: dict[str, Any] = {
            "metricName": self.metric,
            "metricNamespace": self.namespace,
            "metricValue": self.value,
            "defaultValue": self.default,
        }
        return aws(
            "logs",
            "PutMetricFilter",
            {
                "logGroupName": self.group,
                "filterName": self.name,
                "filterPattern": self.pattern,
                "metricTransformations": [{k: v for k, v in told.items() if v is not None}],
            },
        )

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the filter anew, which replaces it."""
        yield self._put()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the filter."""
        group, _, name = observed.id.partition("|")
        yield aws("logs", "DeleteMetricFilter", {"logGroupName": group, "filterName": name}, absent=GONE)
