"""Datadog's own client, unchanged, drives the served twin, and every reply is what Datadog's documents promise."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.downtimes_api import DowntimesApi as OldDowntimes
from datadog_api_client.v1.api.events_api import EventsApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as OldMetrics
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.pager_duty_integration_api import PagerDutyIntegrationApi
from datadog_api_client.v1.model.cancel_downtimes_by_scope_request import CancelDowntimesByScopeRequest
from datadog_api_client.v1.model.downtime import Downtime
from datadog_api_client.v1.model.event_create_request import EventCreateRequest
from datadog_api_client.v1.model.metrics_payload import MetricsPayload
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.pager_duty_service import PagerDutyService
from datadog_api_client.v1.model.pager_duty_service_key import PagerDutyServiceKey
from datadog_api_client.v1.model.point import Point
from datadog_api_client.v1.model.series import Series
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding
from datadog_api_client.v2.model.downtime_create_request import DowntimeCreateRequest
from datadog_api_client.v2.model.downtime_update_request import DowntimeUpdateRequest
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from datadog_api_client.v2.model.metric_payload import MetricPayload

sys.path.insert(0, str(Path(__file__).parent))
from datadog_contract import CONTRACT

from twin.clock import VirtualClock
from twin.world.saas.accounts import DatadogOrganization
from twin.world.server import serve
from twin.world.world import World

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUERY = "avg(last_5m):sum:shop.errors{env:prod} > 10"


class Served:
    """A served world and a client of it; each exchange is held against the contract."""

    def __init__(self, **more):
        self.clock = VirtualClock(NOW)
        self.world = World(7, self.clock, datadog=DatadogOrganization("a" * 32, "b" * 40, **more))
        self.server = serve(self._handle)
        self.headers = {}
        self.wrong = []
        self.client = self.configured(self.world.datadog.api_key, self.world.datadog.app_key)

    def _handle(self, request):
        response = self.world.handle(request)
        try:
            if not CONTRACT.absent():
                CONTRACT.check(request, response)
        except AssertionError as wrong:
            self.wrong.append(str(wrong))
        self.headers = response.headers
        return response

    def configured(self, api, app):
        """Return a client with two keys that knows the server's address."""
        told = Configuration(server_index=1, server_variables={"protocol": "http"}, enable_retry=False)
        told.server_variables["name"] = self.server.url.removeprefix("http://")
        told.api_key = {"apiKeyAuth": api, "appKeyAuth": app}
        return ApiClient(told)

    def second(self, **ago):
        """Return the instant in seconds."""
        return int((self.clock.now() - timedelta(**ago)).timestamp())


@pytest.fixture(scope="module")
def datadog():
    """One served organization for the whole module; what a test makes has its own names."""
    served = Served()
    yield served
    served.server.stop()
    served.world.close()
    assert served.wrong == []


def monitor(name="errors", **more):
    """Describe a monitor."""
    told = {"name": name, "type": MonitorType("metric alert"), "query": QUERY, "message": "@pagerduty-shop"}
    return Monitor(**told | more)


def test_a_monitor_is_made_read_changed_and_deleted(datadog):
    """The typed model takes every reply; a monitor that is gone is not found."""
    api = MonitorsApi(datadog.client)
    thresholds = MonitorThresholds(critical=10.0, warning=5.0)
    options = MonitorOptions(thresholds=thresholds, notify_no_data=True, no_data_timeframe=20, evaluation_delay=60)
    made = api.create_monitor(monitor(options=options, tags=["team:shop"], priority=2))
    read = api.get_monitor(made.id, group_states="all")
    assert (read.name, read.options.thresholds.warning, read.priority) == ("errors", 5.0, 2)
    assert read.overall_state.value == "No Data"
    changed = api.update_monitor(made.id, MonitorUpdateRequest(name="many errors", priority=None))
    assert (changed.name, changed.priority, changed.options.evaluation_delay) == ("many errors", None, 60)
    assert api.validate_monitor(monitor()) is not None
    assert api.validate_existing_monitor(made.id, monitor()) is not None
    assert api.check_can_delete_monitor([made.id]).data.ok == [made.id]
    assert api.delete_monitor(made.id).deleted_monitor_id == made.id
    with pytest.raises(NotFoundException):
        api.get_monitor(made.id)


def test_monitors_are_listed_page_by_page_and_searched(datadog):
    """The client's own pagination finds each once; the search counts by state."""
    api = MonitorsApi(datadog.client)
    made = {api.create_monitor(monitor(f"page {number}", tags=["of:pages"])).id for number in range(5)}
    rows = list(api.list_monitors_with_pagination(page_size=2, monitor_tags="of:pages"))
    assert {one.id for one in rows} == made
    assert len(rows) == 5
    found = api.search_monitors(query="tag:of:pages", per_page=2, page=1)
    assert (found.metadata.total_count, found.metadata.page_count, len(found.monitors)) == (5, 2, 2)
    for key in made:
        api.delete_monitor(key)


def test_a_query_that_cannot_be_evaluated_is_refused_in_datadogs_words(datadog):
    """A bad request has a list of errors."""
    with pytest.raises(ApiException) as refused:
        MonitorsApi(datadog.client).create_monitor(monitor(query="errors"))
    assert (refused.value.status, refused.value.body["errors"]) == (
        400,
        ["The value provided for parameter 'query' is invalid"],
    )


def test_points_are_taken_and_asked_for(datadog):
    """Points sent by the second version are found by the first one's query, and a monitor sees them."""
    made = MonitorsApi(datadog.client).create_monitor(monitor())
    point = {
        "metric": "shop.errors",
        "type": 3,
        "tags": ["env:prod"],
        "points": [{"timestamp": datadog.second(), "value": 50.0}],
    }
    body = MetricPayload(series=[point], _spec_property_naming=True)
    assert MetricsApi(datadog.client).submit_metrics(body=body).errors == []
    old = OldMetrics(datadog.client)
    row = Series(metric="shop.logins", points=[Point([float(datadog.second()), 3.0])], host="web-1")
    assert old.submit_metrics(MetricsPayload(series=[row])).status == "ok"
    told = old.query_metrics(datadog.second(minutes=5), datadog.second(), "sum:shop.errors{env:prod}")
    assert [point.value for point in told.series[0].pointlist] == [[datadog.second() * 1000.0, 50.0]]
    datadog.clock.advance(60)
    assert MonitorsApi(datadog.client).get_monitor(made.id).overall_state.value == "Alert"
    MonitorsApi(datadog.client).delete_monitor(made.id)


def test_a_downtime_is_seen_by_both_versions_of_the_api(datadog):
    """It is scheduled by the second version, read by the first, changed, and cancelled."""
    api, monitors = DowntimesApi(datadog.client), MonitorsApi(datadog.client)
    held = monitors.create_monitor(monitor())
    attributes = {"scope": "env:prod", "monitor_identifier": {"monitor_id": held.id}, "message": "deploy"}
    attributes["schedule"] = {"start": NOW + timedelta(hours=2), "end": NOW + timedelta(hours=3)}
    body = DowntimeCreateRequest(data={"type": "downtime", "attributes": attributes}, _spec_property_naming=True)
    made = api.create_downtime(body=body).data
    assert (made.attributes.status.value, made.attributes.scope) == ("scheduled", "env:prod")
    (old,) = [one for one in OldDowntimes(datadog.client).list_downtimes() if one.message == "deploy"]
    assert (old.monitor_id, old.start, old.active) == (held.id, int((NOW + timedelta(hours=2)).timestamp()), False)
    assert [one.monitor_id for one in OldDowntimes(datadog.client).list_monitor_downtimes(held.id)] == [held.id]
    change = {"type": "downtime", "id": made.id, "attributes": {"message": "deploy again"}}
    changed = api.update_downtime(made.id, body=DowntimeUpdateRequest(data=change, _spec_property_naming=True)).data
    assert (changed.attributes.message, changed.attributes.scope) == ("deploy again", "env:prod")
    assert [one.id for one in api.list_downtimes_with_pagination(page_limit=1)] == [made.id]
    api.cancel_downtime(made.id)
    assert api.get_downtime(made.id).data.attributes.status.value == "canceled"
    assert list(api.list_downtimes(current_only=True).data) == []
    monitors.delete_monitor(held.id)


def test_a_downtime_of_the_first_version_is_cancelled_by_its_scope(datadog):
    """One of another scope is left alone."""
    api = OldDowntimes(datadog.client)
    made = [api.create_downtime(Downtime(scope=[scope], monitor_tags=["team:x"])) for scope in ("env:a", "env:b")]
    told = api.update_downtime(made[0].id, Downtime(scope=["env:a"], message="longer"))
    assert told.message == "longer"
    assert api.cancel_downtimes_by_scope(CancelDowntimesByScopeRequest(scope="env:a")).cancelled_ids == [made[0].id]
    assert [api.get_downtime(one.id).disabled for one in made] == [True, False]
    api.cancel_downtime(made[1].id)


def test_events_are_written_and_found(datadog):
    """An event needs the API key alone; its tags find it."""
    api = EventsApi(datadog.client)
    made = api.create_event(EventCreateRequest(title="deploy", text="v2", tags=["env:events"])).event
    assert api.get_event(made.id).event.title == "deploy"
    (found,) = api.list_events(datadog.second(minutes=1), datadog.second(), tags="env:events").events
    assert found.id == made.id
    assert (
        EventsApi(datadog.configured("a" * 32, "")).create_event(EventCreateRequest(title="x", text="y")).status == "ok"
    )


def test_logs_are_taken_packed_or_plain_and_searched_by_a_cursor(datadog):
    """The intake is at Auth0's path for logs, and is known by the key; each log is found once."""
    api = LogsApi(datadog.client)
    rows = [HTTPLogItem(message=f"GET /{n} 500", service="shop", ddtags="env:prod", status="error") for n in range(5)]
    api.submit_log(HTTPLog(rows), content_encoding=ContentEncoding.GZIP)
    api.submit_log(HTTPLog([HTTPLogItem(message="GET / 200", service="shop", ddtags="env:prod")]))
    asked = LogsListRequest(
        filter=LogsQueryFilter(query="service:shop status:error env:prod", _from="now-1h", to="now"),
        page=LogsListRequestPage(limit=2),
    )
    assert len({one.id for one in api.list_logs_with_pagination(body=asked)}) == 5
    assert [one.attributes.message for one in api.list_logs_get(filter_query='"GET / 200"').data] == ["GET / 200"]
    with pytest.raises(ApiException, match="OR"):
        api.list_logs_get(filter_query="a OR b")


def test_a_service_of_pagerduty_is_made_known_changed_and_forgotten(datadog):
    """The key of its integration is never shown."""
    api = PagerDutyIntegrationApi(datadog.client)
    api.create_pager_duty_integration_service(PagerDutyService(service_name="shop", service_key="k" * 32))
    assert api.get_pager_duty_integration_service("shop").to_dict() == {"service_name": "shop"}
    api.update_pager_duty_integration_service("shop", PagerDutyServiceKey(service_key="l" * 32))
    assert datadog.world.vendors.datadog().pager_services["shop"] == "l" * 32
    api.delete_pager_duty_integration_service("shop")
    with pytest.raises(NotFoundException):
        api.get_pager_duty_integration_service("shop")


def test_a_wrong_key_is_refused(datadog):
    """The intake wants the API key, all else both."""
    assert AuthenticationApi(datadog.client).validate().valid is True
    with pytest.raises(ForbiddenException):
        AuthenticationApi(datadog.configured("x" * 32, "")).validate()
    with pytest.raises(ForbiddenException):
        MonitorsApi(datadog.configured("a" * 32, "x" * 40)).list_monitors()


def test_limits_are_told_and_refuse_where_they_are_enforced(datadog):
    """The header counts down to the calendar's next hour; the 1601st query of an hour is one too many."""
    api = OldMetrics(datadog.client)
    api.query_metrics(0, 1, "sum:a{*}")
    assert datadog.headers["X-RateLimit-Limit"] == "1600"
    assert int(datadog.headers["X-RateLimit-Reset"]) <= 3600
    windows = datadog.world.vendors.datadog().limits
    began, _ = windows.spent["query_batch"]
    windows.enforced, windows.spent["query_batch"] = True, (began, 1600)
    with pytest.raises(ApiException) as refused:
        api.query_metrics(0, 1, "sum:a{*}")
    windows.enforced = False
    assert (refused.value.status, datadog.headers["X-RateLimit-Remaining"]) == (429, "0")
