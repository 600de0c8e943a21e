"""Which services a principal may use and when it last tried, told from the calls that the world has seen.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
Refused attempts count as AWS counts them; AWS shows recent activity within four hours, the world at once.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from moto.moto_api._internal import mock_random

from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.entities import Entity, Ref, state_of
from twin.world.authorisation.published import DATA, prefix_of
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.trail.evidence import Evidence

ARN = re.compile(r"arn:aws:iam::(?P<account>\d{12}|aws):(?P<kind>user|group|role|policy)/(?:.*/)?(?P<name>[^/]+)")
TRACKED = 400 * 86_400  # seconds, from the page above
PAGE = 100


class LastAccessed:
    """Makes the reports, and keeps them by their job."""

    def __init__(self, authorisation: Authorisation, evidence: Evidence) -> None:
        self._authorisation = authorisation
        self._evidence = evidence
        self._jobs: dict[str, dict[str, Any]] = {}

    def generate(self, call: Call) -> dict[str, Any]:
        """Make the report of a user, a role, a group or a policy."""
        parameters = call.parse()
        named = ARN.fullmatch(parameters["Arn"])
        policies = self._policies(call, named) if named is not None else None
        if named is None or policies is None:
            raise AwsError("NoSuchEntity", f"ARN {parameters['Arn']} was not found.", 404)
        job = str(mock_random.uuid4())
        now = self._authorisation.clock.now()
        detailed = parameters.get("Granularity") == "ACTION_LEVEL"
        self._jobs[job] = {
            "account": call.account,
            "arn": parameters["Arn"],
            "type": "ACTION_LEVEL" if detailed else "SERVICE_LEVEL",
            "made": now,
            "services": self._services(policies, set(self._members(call, named)), detailed=detailed),
        }
        return {"JobId": job}

    def get(self, call: Call) -> dict[str, Any]:
        """Tell a report, in pages."""
        job = self._job(call)
        rows, rest = _page(call, [_without(row) for row in job["services"]])
        dates = {"JobCreationDate": job["made"], "JobCompletionDate": job["made"]}
        return {"JobStatus": "COMPLETED", "JobType": job["type"], **dates, "ServicesLastAccessed": rows, **rest}

    def with_entities(self, call: Call) -> dict[str, Any]:
        """Tell who of a group or a policy used a service."""
        job, namespace = self._job(call), call.parse()["ServiceNamespace"]
        row = next((each for each in job["services"] if each["ServiceNamespace"] == namespace), None)
        listed = sorted((row or {}).get("entities", {}).items())
        details = [self._detail(arn, time) for arn, time in listed]
        rows, rest = _page(call, [each for each in details if each is not None])
        dates = {"JobCreationDate": job["made"], "JobCompletionDate": job["made"]}
        return {"JobStatus": "COMPLETED", **dates, "EntityDetailsList": rows, **rest}

    def _job(self, call: Call) -> dict[str, Any]:
        job = self._jobs.get(call.parse()["JobId"])
        if job is None or job["account"] != call.account:
            raise AwsError("NoSuchEntity", f"Job {call.parse()['JobId']} was not found.", 404)
        return job

    def _detail(self, arn: str, time: datetime) -> dict[str, Any] | None:
        named = ARN.fullmatch(arn)
        entity = self._entity(named) if named is not None else None
        if named is None or entity is None:
            return None
        info = {"Arn": arn, "Name": named["name"], "Type": named["kind"].upper(), "Id": entity.id,
                "Path": arn.partition(named["kind"])[2].removesuffix(named["name"])}  # fmt: skip
        return {"EntityInfo": info, "LastAuthenticated": time}

    def _entity(self, named: re.Match[str]) -> Entity | None:
        return self._authorisation.view.entity(Ref(named["kind"], named["account"], named["name"]))

    def _policies(self, call: Call, named: re.Match[str]) -> list[str] | None:
        """Return the documents of what the report is about; None when it is not there."""
        view = self._authorisation.view
        if named["kind"] == "policy":
            text = view.policy(Ref("policy", call.account, named[0]))
            return [text] if text is not None else None
        entity = self._entity(named) if named["account"] == call.account else None
        if entity is None:
            return None
        groups = (view.entity(Ref("group", call.account, name)) for name in entity.groups)
        found: list[str] = []
        for each in (entity, *(group for group in groups if group is not None)):
            found += [text for _, text in each.inline]
            found += [text for arn in each.attached if (text := view.policy(Ref("policy", call.account, arn)))]
        return found

    def _members(self, call: Call, named: re.Match[str]) -> Iterator[str]:
        state = state_of(call.account)
        if named["kind"] in ("user", "role"):
            yield named[0]
        elif named["kind"] == "group":
            yield from (user.arn for user in state.groups[named["name"]].users)
        else:
            for holder in (*state.users.values(), *state.roles.values()):
                if named[0] in holder.managed_policies:
                    yield holder.arn
            for group in state.groups.values():
                if named[0] in group.managed_policies:
                    yield from (user.arn for user in group.users)

    def _services(self, policies: list[str], members: set[str], *, detailed: bool) -> list[dict[str, Any]]:
        rows = {name: _row(name) for name in _services_of(policies)}
        oldest = self._authorisation.clock.now().timestamp() - TRACKED
        for entry in self._evidence.calls():
            arn = _user_of(entry.identity)
            row = rows.get(prefix_of(entry.service)) if arn in members else None
            if row is None or entry.micros / 1_000_000 < oldest or not entry.recordable:
                continue
            time = datetime.fromtimestamp(entry.micros // 1_000_000, UTC)
            row |= {"LastAuthenticated": time, "LastAuthenticatedEntity": arn, "LastAuthenticatedRegion": entry.region}
            row["entities"][arn] = time
            row["actions"][entry.operation] = (time, arn, entry.region)
        return [_finished(row, detailed=detailed) for row in rows.values()]


def _row(name: str) -> dict[str, Any]:
    return {
        "ServiceName": DATA.services.get_service_name(name),
        "ServiceNamespace": name,
        "entities": {},
        "actions": {},
    }


def _finished(row: dict[str, Any], *, detailed: bool) -> dict[str, Any]:
    row["TotalAuthenticatedEntities"] = len(row["entities"])
    actions = row.pop("actions")
    if detailed:
        row["TrackedActionsLastAccessed"] = [
            {"ActionName": name, "LastAccessedTime": time, "LastAccessedEntity": arn, "LastAccessedRegion": region}
            for name, (time, arn, region) in sorted(actions.items())
        ]
    return row


def _without(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "entities"}


def _services_of(policies: list[str]) -> list[str]:
    """Return the services of which documents allow some action."""
    patterns: set[str] = set()
    for text in policies:
        written = json.loads(text)["Statement"]
        for statement in written if isinstance(written, list) else [written]:
            if statement["Effect"] == "Allow":
                actions = statement.get("Action", "*")
                patterns |= {a.partition(":")[0].lower() for a in (actions if isinstance(actions, list) else [actions])}
    known: list[str] = DATA.services.get_service_keys()
    return sorted(name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns))


def _user_of(identity: dict[str, Any]) -> str:
    """Return the user, or the role of a session, behind a call."""
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {}) if identity["type"] == "AssumedRole" else {}
    return str(issuer.get("arn") or identity.get("arn", ""))


def _page(call: Call, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    parameters = call.parse()
    start = int(parameters.get("Marker") or 0)
    end = start + int(parameters.get("MaxItems") or PAGE)
    more = end < len(rows)
    return rows[start:end], {"IsTruncated": more} | ({"Marker": str(end)} if more else {})
