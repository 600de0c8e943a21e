"""Everything that an applier does with an org, on a twin and as somebody: look, make, look again, change, remove."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twin.engine.apply import Means, apply
from twin.engine.lock import Claim, Holder
from twin.engine.plan import Change, Plan
from twin.engine.planner import Request, plan_destroy
from twin.engine.planner import plan as decide
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.engine.team_state import Objects, TeamStore
from twin.engine.workspace import state_name
from twin.errors import TargetError
from twin.resources.aws.api import AwsSystem
from twin.resources.call import Call, Refused, aws, drive
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.resource import Immutable, Observed, Sensitive
from twin.resources.scope import Scope
from twin.resources.transport import System
from twin.scenario.embedded import make_world
from twin.scenario.rehearsal import target_of
from twin.scenario.timeline import Timeline
from twin.spec.model.state import S3State
from twin.world.world import World

USER = "twin-applier"
# Asked by the guards of a live apply; and by the checks between waves, where the spec has some.
ALWAYS = (aws("sts", "GetCallerIdentity"), aws("iam", "ListAccountAliases"))
NO_GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/none/0000000000000000"
FORGOTTEN = 4
"""Runs enough to be granted as a pattern, not each by its number."""
HEALTH = (
    aws("cloudwatch", "DescribeAlarms"),
    aws("elbv2", "DescribeTargetGroups"),
    aws("elbv2", "DescribeTargetHealth", {"TargetGroupArn": NO_GROUP}),
)


@dataclass(frozen=True)
class Work:
    """What is to be done: wishes and accounts, how secrets are read, what else is asked, where the state stands."""

    desired: Desired
    scope: Scope
    read_secret: Callable[[str], str]
    besides: tuple[Call, ...] = ALWAYS
    state: S3State | None = None


@dataclass
class _Noting:
    """A system that notes which calls were forbidden."""

    system: System
    denied: list[str] = field(default_factory=list)
    calls: int = 0

    def execute(self, call: Call) -> Any:
        """Send a call on."""
        try:
            return self.system.execute(call)
        except Refused as refused:
            if refused.status == 403 or refused.code in ("UnauthorizedOperation", "AccessDeniedException"):
                self.denied.append(str(refused))
            raise


def open_account(
    scope: Scope, policies: Sequence[Any], *, seed: int, state: S3State | None = None
) -> tuple[World, Target]:
    """Make a world with the bucket of a team's state, and a way into it for a user who may do what `policies` let."""
    timeline = Timeline()
    world = make_world(scope, seed=seed, clock=timeline)
    timeline.lead(world)
    target = target_of(world, scope)
    root = target.systems["aws"]
    assert isinstance(root, AwsSystem)
    if state is not None:
        _keep_states(root, state)
    root.execute(aws("iam", "CreateUser", {"UserName": USER}))
    for number, policy in enumerate(policies):
        made = root.execute(
            aws("iam", "CreatePolicy", {"PolicyName": f"{USER}-{number}", "PolicyDocument": json.dumps(policy)})
        )
        root.execute(aws("iam", "AttachUserPolicy", {"UserName": USER, "PolicyArn": made["Policy"]["Arn"]}))
    key = root.execute(aws("iam", "CreateAccessKey", {"UserName": USER}))["AccessKey"]
    own = root.acting_as(key["AccessKeyId"], key["SecretAccessKey"])
    return world, replace(target, systems={**target.systems, "aws": own})


def _keep_states(root: AwsSystem, state: S3State) -> None:
    """Make the bucket of a team's state, and the key that seals it where that is named by its alias."""
    bucket = {"Bucket": state.bucket}
    root.execute(aws("s3", "CreateBucket", bucket))
    versions = {**bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    root.execute(aws("s3", "PutBucketVersioning", versions))
    if state.kms_key is not None and state.kms_key.startswith("alias/"):
        key = root.execute(aws("kms", "CreateKey", {}))["KeyMetadata"]["KeyId"]
        root.execute(aws("kms", "CreateAlias", {"AliasName": state.kms_key, "TargetKeyId": key}))


def perform(work: Work, target: Target) -> list[str]:
    """Do everything once; returns the calls that were forbidden, with the vendor's words."""
    noting = {name: _Noting(system) for name, system in target.systems.items()}
    course = _Course(work, replace(target, systems=noting))
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        try:
            course.perform(course.store(Path(folder)))
        except (Refused, TargetError):
            if not any(one.denied for one in noting.values()):
                raise
    return [line for one in noting.values() for line in one.denied]


@dataclass(frozen=True)
class _Course:
    work: Work
    target: Target

    def store(self, folder: Path) -> Store:
        """Return where the state is: in a folder, or with the team's."""
        if self.work.state is None:
            return Store(folder)
        scope = self.work.scope
        objects = Objects(self.work.state, state_name(scope, "live"), self.target.systems["aws"], account=scope.account)
        return TeamStore(folder, objects, Claim(Holder(id=USER)))

    def perform(self, store: Store) -> None:
        """Do everything; Refused where the account may not even be looked at."""
        for call in (*self.work.besides, *self.of_state()):
            with suppress(Refused):  # what is not there needs its permission all the same
                self.send(call)
        self.carry_out(decide(self.request(store)).plan, store)
        for change in decide(self.request(store)).plan.changes:
            self.touch(change)
        self.carry_out(plan_destroy(self.request(store)).plan, store)

    def of_state(self) -> Iterator[Call]:
        """Yield what a team's state asks for on other days.

        Whoever may not list a bucket is refused an object that is not there, as the lock that nobody holds
        (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html); and the oldest runs are forgotten.
        """
        if self.work.state is not None:
            bucket, folder = self.work.state.bucket, f"{self.work.state.key}/{state_name(self.work.scope, 'live')}"
            yield aws("s3", "ListObjectsV2", {"Bucket": bucket})
            for number in range(FORGOTTEN):
                yield aws("s3", "DeleteObject", {"Bucket": bucket, "Key": f"{folder}/runs/{number:04}.json"})

    def request(self, store: Store) -> Request:
        """Read the account as an applier does."""
        state = store.load()
        return Request(self.work.desired, refresh(self.work.desired, self.target, state), state, self.target)

    def carry_out(self, plan: Plan, store: Store) -> None:
        """Apply a plan; what is forbidden is noted by then."""
        apply(plan, self.target, store, Means(lambda _: None, self.work.read_secret))

    def send(self, call: Call) -> Any:
        """Send a call to whom it is for."""
        return self.target.systems[call.system].execute(call)

    def touch(self, change: Change) -> None:
        """Write all that a resource's update could write, and its owner."""
        class_, fields = catalogue()[change.address.type], change.fields
        secret = {n: self.work.read_secret(fields[n]) for n in class_.marked(Sensitive) if fields.get(n)}
        seen = Observed(str(change.id), change.observed, change.outputs, change.address)
        changed = (fields.keys() - class_.marked(Immutable)) | ({"owner"} if class_.TAGGED else set())
        if not changed:
            return
        verb = class_(**{**fields, **secret}).update(self.work.scope, change.address, seen, frozenset(changed))
        with suppress(Refused):
            drive(verb, self.send)
