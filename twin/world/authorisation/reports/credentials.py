"""The credential report: every user of an account and its root, with the state of each credential.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from twin.world.authorisation.authorisation import Authorisation
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.moto_store import backends
from twin.world.trail.evidence import Evidence

COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated",
    "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
LIFE = timedelta(hours=4)
NONE, UNSUPPORTED = "N/A", "not_supported"
NO_KEY = ("false", NONE, NONE, NONE, NONE)


class CredentialReports:
    """Makes an account's report at most every four hours, as IAM does."""

    def __init__(self, authorisation: Authorisation, evidence: Evidence) -> None:
        self._authorisation = authorisation
        self._evidence = evidence
        self._made: dict[str, tuple[datetime, str]] = {}

    def generate(self, call: Call) -> dict[str, Any]:
        """Make the report, unless there is one that is not four hours old."""
        now = self._authorisation.clock.now()
        made = self._made.get(call.account)
        if made is not None and now - made[0] < LIFE:
            return {"State": "COMPLETE"}
        self._made[call.account] = (now, self._report(call.account))
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}

    def get(self, call: Call) -> dict[str, Any]:
        """Return the report."""
        made = self._made.get(call.account)
        if made is None:
            raise AwsError("ReportNotPresent", "Credential report is not present", 410)
        if self._authorisation.clock.now() - made[0] >= LIFE:
            raise AwsError("ReportExpired", "Credential report is expired", 410)
        return {"Content": made[1].encode(), "ReportFormat": "text/csv", "GeneratedTime": made[0]}

    def _report(self, account: str) -> str:
        state = backends("iam")[account]["aws"]
        rows = [COLUMNS, self._root(account)]
        rows += [_user(state, user) for user in sorted(state.users.values(), key=lambda user: str(user.name))]
        return "\n".join(",".join(row) for row in rows) + "\n"

    def _root(self, account: str) -> tuple[str, ...]:
        keys = self._authorisation.keys
        created = _text(keys.created)
        key: tuple[str, ...] = NO_KEY
        if account in keys.accounts:
            key = ("true", created, *self._last_use(keys.root(account).access_key_id))
        return (
            "<root_account>", f"arn:aws:iam::{account}:root", created, UNSUPPORTED, "no_information", UNSUPPORTED,
            UNSUPPORTED, "false", *key, *NO_KEY, "false", NONE, "false", NONE,
        )  # fmt: skip

    def _last_use(self, access_key_id: str) -> tuple[str, str, str]:
        found = (NONE, NONE, NONE)
        for entry in self._evidence.calls():
            if entry.identity.get("accessKeyId") == access_key_id:
                found = (_text(entry.time), entry.region, entry.service)
        return found


def _user(state: Any, user: Any) -> tuple[str, ...]:
    keys = [_key(key) for key in user.access_keys[:2]]
    keys += [NO_KEY] * (2 - len(keys))
    certificates = [("true" if c.status == "Active" else "false", _text(c.upload_date))
                    for c in list(user.signing_certificates.values())[:2]]  # fmt: skip
    certificates += [("false", NONE)] * (2 - len(certificates))
    mfa = "true" if user.mfa_devices else "false"
    parts = (*keys[0], *keys[1], *certificates[0], *certificates[1])
    return (user.name, user.arn, _text(user.create_date), *_password(state, user), mfa, *parts)


def _password(state: Any, user: Any) -> tuple[str, str, str, str]:
    if not user.password:
        return "false", NONE, NONE, NONE
    changed = getattr(user, "password_changed", user.create_date)
    used = _text(user.password_last_used) if user.password_last_used else "no_information"
    rules = state.account_password_policy
    age = rules.max_password_age if rules is not None else None
    return "true", used, _text(changed), _text(changed + timedelta(days=int(age))) if age else NONE


def _key(key: Any) -> tuple[str, str, str, str, str]:
    used, active = key.last_used, "true" if key.status == "Active" else "false"
    if used is None:
        return active, _text(key.create_date), NONE, NONE, NONE
    return active, _text(key.create_date), _text(used.timestamp), used.region, used.service


def _text(time: datetime) -> str:
    return time.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
