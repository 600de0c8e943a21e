"""IAM as decisions read it: the store, as it stood `propagation` ago.

IAM is eventually consistent, and AWS tells no figure for it; the world's default is none, so that nothing waits.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.clock import Clock
from twin.world.authorisation.ask import UNREADABLE
from twin.world.authorisation.entities import Entity, Ref, read_entity, read_policy, state_of
from twin.world.aws_call import Call
from twin.world.principals import Key

KeyFinder = Callable[[str], Key | None]
NOW = timedelta(0)
# By the parameter that names it, the kind of what an IAM call changes.
CHANGED = {
    "UserName": "user", "NewUserName": "user", "RoleName": "role", "GroupName": "group", "NewGroupName": "group",
}  # fmt: skip


class IamView:
    """Reads IAM; what a write replaces is kept, with the write's time, until the write has propagated.

    `recalled` counts the readings that went by the past.
    """

    def __init__(self, clock: Clock) -> None:
        self.propagation = NOW
        self.generation = 0
        self.recalled = 0
        self._clock = clock
        self._past: dict[Ref, list[tuple[datetime, Any]]] = {}
        self._last: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether every write has propagated by now."""
        return not self._past or self._last is None or self._last + self.propagation <= self._clock.now()

    def entity(self, ref: Ref) -> Entity | None:
        """Return a user, a role or a group as decisions know it."""
        known, value = self._recalled(ref)
        return value if known else read_entity(ref)

    def policy(self, ref: Ref) -> str | None:
        """Return the document of a managed policy as decisions know it."""
        known, value = self._recalled(ref)
        return value if known else read_policy(ref)

    def key(self, access_key_id: str, found: Key | None) -> Key | None:
        """Return a user's access key as it stood; `found` is how it stands."""
        if self.settled:
            return found
        known, value = self._recalled(Ref("key", "", access_key_id))
        if known or found is None or found.principal.kind != "user":
            return value if known else found
        kept = state_of(found.principal.account).access_keys.get(access_key_id)
        young = kept is not None and kept.create_date.replace(tzinfo=UTC) > self._clock.now() - self.propagation
        return None if young else found

    def before_write(self, call: Call, keys: KeyFinder) -> None:
        """Keep what a write is about to replace."""
        if self.propagation <= NOW:
            return
        now = self._clock.now()
        if self.settled:
            self._past.clear()
        self._last = now
        for ref, value in self._replaced(call, keys):
            self._past.setdefault(ref, []).append((now, value))

    def _recalled(self, ref: Ref) -> tuple[bool, Any]:
        past = self._past.get(ref)
        if past and self.propagation > NOW:
            horizon = self._clock.now() - self.propagation
            for replaced, value in past:
                if replaced > horizon:
                    self.recalled += 1
                    return True, value
        return False, None

    def _replaced(self, call: Call, keys: KeyFinder) -> list[tuple[Ref, Any]]:
        try:
            parameters = call.parse()
        except UNREADABLE:
            return []
        account = call.account
        found: list[tuple[Ref, Any]] = []
        for name, kind in CHANGED.items():
            if isinstance(told := parameters.get(name), str):
                ref = Ref(kind, account, told)
                found.append((ref, read_entity(ref)))
                if kind == "user":
                    found += [(Ref("key", "", id_), keys(id_)) for id_ in _keys_of(account, told)]
        arn = parameters.get("PolicyArn")
        if call.operation == "CreatePolicy":
            arn = f"arn:aws:iam::{account}:policy{parameters.get('Path', '/')}{parameters.get('PolicyName')}"
        if isinstance(arn, str) and arn.count(":") == 5:
            found.append((Ref("policy", account, arn), read_policy(Ref("policy", account, arn))))
        if isinstance(id_ := parameters.get("AccessKeyId"), str):
            found.append((Ref("key", "", id_), keys(id_)))
        return list(dict(found).items())


def _keys_of(account: str, user: str) -> list[str]:
    state = state_of(account)
    kept = state.users.get(user) if state is not None else None
    return [key.access_key_id for key in kept.access_keys] if kept is not None else []
