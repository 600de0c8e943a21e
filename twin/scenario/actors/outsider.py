"""Somebody of another account: reads and copies what was shared, and tries again to see whether it still is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process

GIB = 2**30


class Stored(BaseModel):
    """An object of a bucket."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: str
    key: str


class Options(BaseModel):
    """What an outsider is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: str = Field(description="The name of the saved credentials with which it comes")
    at: Seconds = Field(0.0, description="When it begins")
    every: Period = Field(60.0, description="How often it tries everything again")
    objects: list[Stored] = Field(default_factory=list)
    snapshots: list[str] = Field(default_factory=list, description="Ids of snapshots of EBS")
    databases: list[str] = Field(default_factory=list, description="ARNs of snapshots of RDS")
    images: list[str] = Field(default_factory=list, description="Ids of AMIs")


class Outsider:
    """What it got once it keeps; `bytes` counts each thing once, `reachable` what it was let at the last time."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.taken: dict[str, int] = {}
        self.reachable: set[str] = set()
        self.refused = 0
        self.first: float | None = None
        self.last: float | None = None

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        while True:
            for object_ in self.options.objects:
                yield from self._read(object_)
            for things, get in self._copies():
                for thing in things:
                    yield from self._try(thing, get)
            yield self.stage.timeline.pass_(self.options.every)

    def _copies(self) -> tuple[tuple[list[str], Callable[[str], Process]], ...]:
        options = self.options
        return ((options.snapshots, self._disk), (options.databases, self._database), (options.images, self._image))

    def _read(self, one: Stored) -> Process:
        yield from self._try(f"s3://{one.bucket}/{one.key}", lambda _: self._object(one))

    def _try(self, thing: str, get: Callable[[str], Process]) -> Process:
        """Get one thing, and note its size the first time."""
        try:
            size = yield from get(thing)
        except Refused as refused:
            self.refused += 1
            if thing in self.reachable:
                self.stage.journal.write(self.name, "has no access any more", thing=thing, code=refused.code)
            self.reachable.discard(thing)
            return
        self.last = self.stage.timeline.elapsed
        self.first = self.last if self.first is None else self.first
        self.reachable.add(thing)
        if thing not in self.taken:
            self.taken[thing] = size
            self.stage.journal.write(self.name, "takes", thing=thing, bytes=size)

    def _ask(self, operation: str, params: Mapping[str, Any]) -> Process:
        keys = self.stage.keys(self.options.keys, operation)
        return (yield from self.stage.ask(operation, params, keys))

    def _object(self, one: Stored) -> Process:
        body = (yield from self._ask("s3:GetObject", {"Bucket": one.bucket, "Key": one.key}))["Body"]
        return len(body.read() if hasattr(body, "read") else body)

    def _disk(self, id_: str) -> Process:
        told = yield from self._ask("ec2:DescribeSnapshots", {"SnapshotIds": [id_]})
        if id_ not in self.taken:
            asked = {"SourceSnapshotId": id_, "SourceRegion": self.stage.world.region}
            yield from self._ask("ec2:CopySnapshot", asked)
        return told["Snapshots"][0]["VolumeSize"] * GIB

    def _database(self, arn: str) -> Process:
        told = yield from self._ask("rds:DescribeDBSnapshots", {"DBSnapshotIdentifier": arn, "IncludeShared": True})
        if arn not in self.taken:
            asked = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": f"{self.name}-{len(self.taken)}"}
            yield from self._ask("rds:CopyDBSnapshot", asked)
        return told["DBSnapshots"][0]["AllocatedStorage"] * GIB

    def _image(self, id_: str) -> Process:
        told = yield from self._ask("ec2:DescribeImages", {"ImageIds": [id_]})
        if id_ not in self.taken:
            asked = {"SourceImageId": id_, "SourceRegion": self.stage.world.region, "Name": f"{self.name}-{id_}"}
            yield from self._ask("ec2:CopyImage", asked)
        disks = [one["Ebs"]["VolumeSize"] for one in told["Images"][0]["BlockDeviceMappings"] if "Ebs" in one]
        return sum(disks) * GIB

    def figures(self) -> Mapping[str, Any]:
        """Count the bytes and things that it has, what it reached at last, and the refusals."""
        return {
            "bytes": sum(self.taken.values()),
            "things": len(self.taken),
            "reachable": len(self.reachable),
            "refused": self.refused,
            "last_success": self.last,
        }


ACTOR = Outsider
