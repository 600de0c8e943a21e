"""A state that a team shares in S3, written if nobody wrote it meanwhile, with a lock that tells its holder.

Conditional writes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html) are all that it
rests on: the lock is an object that is made only where there is none, the state replaces the version that was read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Lock as Mutex
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from twin.address import Address
from twin.engine.history import Page
from twin.engine.lock import Claim, Found, Holder
from twin.engine.process import alive
from twin.engine.state import State, Store, read, written
from twin.engine.state_seal import StateSeal
from twin.errors import StateError, TargetError, UsageError
from twin.resources.call import Refused, aws
from twin.resources.transport import System
from twin.spec.model.state import S3State

VARIABLE = "TWIN_STATE"
MET, CONFLICT, DENIED = "PreconditionFailed", "ConditionalRequestConflict", "AccessDenied"
NONE = ("NoSuchKey",)
TRIES = 5
LOOK = 5.0
"""How many seconds a run goes on before it looks at its lock again."""


def place_of(text: str) -> S3State:
    """Read `s3://bucket/key?region=…&kms_key=…`, as the environment names a place; UsageError when it is none."""
    parts = urlsplit(text)
    if parts.scheme != "s3":
        raise UsageError(
            f"{VARIABLE} is {text!r}; write s3://BUCKET/KEY, with ?region=…, &kms_key=… and &account=… where needed"
        )
    key = {"key": parts.path} if parts.path.strip("/") else {}
    try:
        return S3State.model_validate({"bucket": parts.netloc, **key, **dict(parse_qsl(parts.query))})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(f"{VARIABLE} is {text!r}: {wrong}") from error


class Objects:
    """The objects of one state: read, written on conditions, encrypted; a refusal of S3's is a TargetError."""

    def __init__(self, place: S3State, name: str, system: System, *, account: str) -> None:
        self.place, self.name, self.system = place, name, system
        self.owner = place.account or account
        """Whose bucket it must be: one of the same name in another's account would keep what we do, and tell us lies.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
        """

    def where(self, part: str) -> str:
        """Return the address of an object, for people."""
        return f"s3://{self.place.bucket}/{self.place.key}/{self.name}/{part}"

    def get(self, part: str) -> tuple[str, str] | None:
        """Return an object's text and ETag, None where there is none."""
        reply = self._send(part, "GetObject", {}, absent=NONE)
        return (reply["Body"].read().decode(errors="replace"), reply["ETag"]) if reply is not None else None

    def put(self, part: str, text: str, etag: str | None) -> str | None:
        """Write over the version of an ETag, or where there is nothing; None when that is not how things stand."""
        when = {"IfMatch": etag} if etag is not None else {"IfNoneMatch": "*"}
        key = self.place.kms_key
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {"ServerSideEncryption": "AES256"}
        params = {"Body": text.encode(), "ContentType": "application/json", **when, **sealed}
        for _ in range(TRIES):
            try:
                return str(self._send(part, "PutObject", params)["ETag"])
            except Refused as refused:
                if refused.code == CONFLICT:
                    continue
                # A first answer that was lost may have been a success: what stands there tells.
                there = self.get(part)
                return there[1] if there is not None and there[0] == text else None
        return None

    def delete(self, part: str, etag: str) -> None:
        """Remove an object as it was read; one that is another by now stays."""
        try:
            self._send(part, "DeleteObject", {"IfMatch": etag}, absent=NONE)
        except Refused as refused:
            if refused.code != MET:
                raise

    def versioned(self) -> bool:
        """Tell whether the bucket keeps the states that were."""
        reply = self._send(None, "GetBucketVersioning", {})
        return bool(reply.get("Status") == "Enabled")

    def _send(self, part: str | None, operation: str, params: Mapping[str, Any], **options: Any) -> Any:
        bucket = {"Bucket": self.place.bucket, "ExpectedBucketOwner": self.owner}
        key = {"Key": f"{self.place.key}/{self.name}/{part}"} if part else {}
        try:
            return self.system.execute(aws("s3", operation, {**bucket, **key, **params}, **options))
        except Refused as refused:
            gone = refused.code == "NoSuchKey" and "IfMatch" in params
            if refused.code in (MET, CONFLICT) or gone:
                raise
            where = self.where(part) if part else f"s3://{self.place.bucket}"
            hint = self._whose() if refused.code == DENIED else ""
            raise TargetError(f"the state in {where}: {refused}{hint}") from refused

    def _whose(self) -> str:
        """Say what a refusal may mean, which S3 words alike."""
        return (
            f". Either these credentials may not, or the bucket {self.place.bucket} is somebody else's than account "
            f"{self.owner}'s; one of another account of yours is named so: state: {{s3: {{account: ID}}}}"
        )


class ObjectLock:
    """A lock that is an object: it outlives its process, so it tells who holds it and can be broken by its id."""

    NAME = "lock.json"

    def __init__(self, objects: Objects, claim: Claim) -> None:
        self.objects, self.claim = objects, claim

    def holder(self) -> tuple[Holder, str, list[str]] | None:
        """Return who holds the lock, its ETag, and what may be left half-made; None when nobody does.

        A lock that cannot be read has its ETag for an id, so that it can be broken too.
        """
        there = self.objects.get(self.NAME)
        if there is None:
            return None
        holder = Holder.read(there[0])
        if not holder.id:
            return Holder(id=there[1].strip('"'), who="somebody whose lock cannot be read"), there[1], []
        return holder, there[1], list(json.loads(there[0]).get("makes", ()))

    def take(self, run: dict[str, Any]) -> None:
        """Take the lock, or wait for it; UsageError with its holder."""
        text = json.dumps({**asdict(self.claim.holder), "makes": run.get("makes", [])})

        def attempt() -> Holder | None:
            if self.objects.put(self.NAME, text, None) is not None:
                return None
            there = self.holder()
            return there[0] if there is not None else Holder(who="somebody who has just ended")

        self.claim.take(attempt, self.objects.where(""), self._way_out)

    def _way_out(self, other: Holder) -> str:
        """Say what to do about another's lock; of a process of this machine it can be told whether it lives."""
        unlock = f"twin unlock SPEC {other.id or 'ID'}"
        if other.pid and other.host == self.claim.holder.host and not alive(other.pid):
            return f"its process has ended without giving it back; break it: {unlock}"
        return f"wait until it has ended, or break its lock when you know that it is gone: {unlock}"

    def own(self) -> str | None:
        """Return the lock's ETag while it is the one that was taken; None when it was broken since."""
        there = self.objects.get(self.NAME)
        return there[1] if there is not None and Holder.read(there[0]).id == self.claim.holder.id else None

    def release(self) -> None:
        """Give the lock back; one that was broken and taken by another stays theirs."""
        if (etag := self.own()) is not None:
            self.objects.delete(self.NAME, etag)


class TeamStore(Store):
    """The state in S3; the journal of a run stands in a folder of the machine that applies, each line on its disk."""

    NAME = "state.json"

    def __init__(self, folder: Path, objects: Objects, claim: Claim, *, seal: StateSeal | None = None) -> None:
        super().__init__(folder, claim, synced=True, recorded=True, seal=seal)
        self.objects = objects
        self.object_lock = ObjectLock(objects, claim)
        self.lock = self.object_lock
        self._text: str | None = None
        self._etag: str | None = None
        self._looking = Mutex()
        self._looked = 0.0
        self._broken = False

    def beside(self, folder: Path, claim: Claim) -> "TeamStore":
        """Return the store of another process with the state in the same bucket."""
        return TeamStore(folder, self.objects, claim, seal=self.seal)

    def _part_lock(self) -> None:
        """Leave the lock: a copy of the bucket has a copy of it."""

    def kept(self) -> State:
        """Read the state from the bucket."""
        there = self.objects.get(self.NAME)
        self._text, self._etag = there if there is not None else (None, None)
        return read(self._text, self.objects.where(self.NAME)) if self._text is not None else State()

    def basis(self) -> Mapping[str, Any]:
        """Return the version of the state that a journal goes on from."""
        return {"basis": self._etag}

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """Yield the journal's lines, if it goes on from the state that was read: others may have applied since."""
        lines = super().lines()
        first = next(lines, None)
        if first is not None and first.get("basis") == self._etag:
            yield first
            yield from lines

    def _take(self, run: Mapping[str, Any]) -> None:
        """Take the lock as any other store does, in a bucket that keeps versions."""
        if not self.objects.versioned():
            bucket = self.objects.place.bucket
            turn_on = f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
            raise UsageError(f"the bucket {bucket} keeps no versions of the state; turn them on: {turn_on}")
        super()._take(run)
        self._looked, self._broken = self.claim.now(), False

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line as any other store does; StateError for one that announces a call under a broken lock."""
        if "call" in line and line["phase"] == "begin":
            self._look()
        super().write(line)

    def _look(self) -> None:
        """Read the lock when that was long ago; whoever would send something meanwhile waits for the answer."""
        with self._looking:
            now = self.claim.now()
            if not self._broken and abs(now - self._looked) >= LOOK:
                self._broken = self.object_lock.own() is None
                self._looked = now
            if self._broken:
                raise self._lockless()

    def end(self) -> State:
        """End a run; StateError when its lock was broken, TargetError when somebody wrote the state all the same."""
        if self._broken or self.object_lock.own() is None:
            self.close()
            raise self._lockless()
        basis = self._etag
        self.kept()
        if self._etag != basis:
            self.close()
            raise self._overtaken()
        return super().end()

    def save(self, state: State) -> None:
        """Write the state over the version that was read."""
        text = written(state)
        if text == self._text:
            return
        etag = self.objects.put(self.NAME, text, self._etag)
        if etag is None:
            raise self._overtaken()
        self._text, self._etag = text, etag

    def _page(self, name: str) -> Page:
        """Return a page of the history, which the team shares too."""
        etag: list[str | None] = [None]

        def read_page() -> str | None:
            there = self.objects.get(name)
            etag[0] = there[1] if there is not None else None
            return there[0] if there is not None else None

        def write(text: str) -> None:
            if self.objects.put(name, text, etag[0]) is None:
                raise self._overtaken()

        def drop() -> None:
            if read_page() is not None and etag[0] is not None:
                self.objects.delete(name, etag[0])

        return Page(self.objects.where(name), read_page, write, drop)

    def _lockless(self) -> StateError:
        return StateError(
            f"the lock of this run in {self.objects.where('')} was broken: it sends nothing more and does not write "
            f"the state. What it did is in {self.journal_file}, and the next plan finds it in the accounts"
        )

    def _overtaken(self) -> TargetError:
        return TargetError(
            f"somebody else wrote {self.objects.where(self.NAME)} during this run: its lock was broken. What this run "
            f"did is in {self.journal_file}, and the next plan finds it in the accounts"
        )

    def unlock(self, id_: str | None) -> Found:
        """Break the lock with an id and note what its run may have left half-made; without an id, tell who holds it."""
        there = self.object_lock.holder()
        if there is None:
            return Found(f"nobody holds the lock in {self.objects.where('')}")
        holder, etag, makes = there
        if id_ is None:
            return Found(f"held: {holder}", holder)
        if holder.id != id_:
            raise UsageError(f"lock {id_} is not held; the one that is: {holder}")
        state = self.kept()
        state.pending |= {Address.parse(text) for text in makes} - state.entries.keys()
        if makes:
            self.save(state)
        self.objects.delete(ObjectLock.NAME, etag)
        return Found(f"broken: {holder}", holder, broken=True)
