"""Encryption keys and the data platform: buckets, queues, tables, secrets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.reference import Bucket, Key, Principal, Queue, Role, SecretSource
from twin.spec.model.region import Region
from twin.spec.model.section import Problem, Section, cycle
from twin.spec.model.values import AccountId, Days, Duration, Name, Text


class EncryptionKey(Section):
    """A KMS key."""

    purpose: Text
    """What it encrypts."""
    rotation: bool = True
    """Whether its material is renewed, every year unless `rotate_every` says otherwise."""
    rotate_every: Days | None = None
    """How often its material is renewed, 90d to 2560d."""
    deletion_window: Days = timedelta(days=30)
    """How long a deletion can be taken back, 7d to 30d."""
    alias: Text | None = None
    """Its alias without `alias/`; derived from the name when absent."""
    multi_region: bool = False
    """Whether it can be replicated to other regions."""
    admins: tuple[Role, ...] = ()
    """Roles that administer it."""
    users: tuple[Principal, ...] = ()
    """Roles and users that encrypt and decrypt with it."""
    accounts: tuple[AccountId, ...] = ()
    """Other AWS accounts whose principals encrypt and decrypt with it, as far as those accounts let them."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a window or a rotation that KMS would refuse."""
        if self.rotate_every is not None and not self.rotation:
            yield Problem("TW0214", ("rotate_every",), "the key's rotation is turned off", "leave one of the two out")
        if not timedelta(days=90) <= (self.rotate_every or timedelta(days=365)) <= timedelta(days=2560):
            yield Problem("TW0201", ("rotate_every",), "KMS renews a key's material every 90d to 2560d")
        if not timedelta(days=7) <= self.deletion_window <= timedelta(days=30):
            yield Problem("TW0201", ("deletion_window",), "a key's deletion window is 7d to 30d")


class Encryption(Section):
    """Keys of the org."""

    keys: dict[Name, EncryptionKey] = Field(default_factory=dict)
    """KMS keys by name."""


class Transition(Section):
    """A move to cheaper storage."""

    after: Days
    """The age at which objects move."""
    to: Literal["infrequent", "one_zone", "intelligent", "glacier_instant", "glacier", "deep_archive"]
    """Where they move."""


class BucketAccess(Section):
    """Who may use a bucket."""

    read: tuple[Principal, ...] = ()
    """Roles and users that read objects."""
    write: tuple[Principal, ...] = ()
    """Roles and users that write objects."""


class ObjectLock(Section):
    """How long versions of objects are neither deleted nor overwritten; S3 takes no lock off a bucket again."""

    mode: Literal["governance", "compliance"]
    """Who may lift it before its time: whoever may `s3:BypassGovernanceRetention`, or nobody, root neither."""
    retention: Days
    """How long each version is kept from when it is written."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a retention that S3 would refuse."""
        if not timedelta(days=1) <= self.retention <= timedelta(days=36500):
            yield Problem("TW0201", ("retention",), "S3 retains versions for 1d to 36500d")


class BucketIntent(Section):
    """An S3 bucket; TLS is always required, and public access blocked unless it is said."""

    name: Text | None = None
    """Its global name; derived from org, environment and key when absent."""
    purpose: Text | None = None
    """What it holds."""
    versioning: bool = True
    """Whether overwritten objects are kept."""
    key: Key | None = None
    """The key that encrypts it; S3's own when absent."""
    customer_keys: bool = False
    """Whether objects may come with a key of the caller's (SSE-C), which S3 blocks unless it is asked not to."""
    lifecycle: tuple[Transition, ...] = ()
    """Moves to cheaper storage."""
    expire: Days | None = None
    """The age at which objects are deleted."""
    expire_old_versions: Days | None = None
    """How long overwritten objects are kept."""
    abort_uploads: Days | None = timedelta(days=7)
    """The age at which unfinished uploads are dropped."""
    access: BucketAccess = BucketAccess()
    """Who may use it."""
    replicate_to: Bucket | None = None
    """The bucket that receives copies."""
    replicate_in: Region | None = None
    """The other Region whose bucket of the same name receives copies."""
    logging: Bucket | None = None
    """The bucket that receives access logs."""
    object_lock: ObjectLock | None = None
    """How long what is written here stays, whoever wants it gone."""
    public: bool = False
    """Whether public access is not blocked, so that a policy may let in everybody."""
    disposable: bool = False
    """Whether destroying the org deletes its objects too; otherwise a bucket that holds something stays."""

    def problems(self) -> Iterator[Problem]:
        """Refuse lifecycles out of order and features that need versioning."""
        ages = [step.after for step in self.lifecycle]
        if ages != sorted(set(ages)):
            yield Problem("TW0214", ("lifecycle",), "each transition must come later than the one before")
        if self.expire and ages and self.expire <= ages[-1]:
            yield Problem("TW0214", ("expire",), "objects expire before their last transition")
        if self.replicate_to and self.replicate_in:
            yield Problem("TW0214", ("replicate_in",), "copies go to one bucket: `replicate_to` or `replicate_in`")
        for feature in ("replicate_to", "replicate_in", "object_lock", "expire_old_versions"):
            if getattr(self, feature) and not self.versioning:
                yield Problem("TW0214", (feature,), f"`{feature}` needs `versioning: true`")
        if self.object_lock and self.disposable:
            yield Problem("TW0214", ("disposable",), "what `object_lock` keeps is not deleted with the org")


class DeadLetter(Section):
    """Where messages go that cannot be handled."""

    queue: Queue
    """The queue that receives them."""
    after: int = Field(default=5, ge=1, le=1000)
    """Failed receptions after which a message moves."""


class QueueIntent(Section):
    """An SQS queue."""

    fifo: bool = False
    """Whether order is kept and duplicates dropped."""
    key: Key | None = None
    """The key that encrypts it; SQS's own when absent."""
    retention: Duration = timedelta(days=4)
    """How long a message is kept, 1m to 14d."""
    visibility: Duration = timedelta(seconds=30)
    """How long a received message is hidden from others, up to 12h."""
    dead_letter: DeadLetter | None = None
    """Where messages go that cannot be handled."""

    def problems(self) -> Iterator[Problem]:
        """Refuse times that SQS would refuse."""
        if not timedelta(minutes=1) <= self.retention <= timedelta(days=14):
            yield Problem("TW0201", ("retention",), "a queue keeps messages for 1m to 14d")
        if self.visibility > timedelta(hours=12):
            yield Problem("TW0201", ("visibility",), "a message is hidden for at most 12h")


class Attribute(Section):
    """A key attribute of a table."""

    name: Text
    """Its name."""
    type: Literal["string", "number", "binary"] = "string"
    """Its type."""


class TableIndex(Section):
    """A global secondary index of a table."""

    hash_key: Attribute
    """The attribute by which items are found."""
    range_key: Attribute | None = None
    """The attribute by which they are ordered."""
    copies: tuple[Text, ...] | None = None
    """The attributes that it has besides the keys; all when absent, none when empty."""


class Table(Section):
    """A DynamoDB table, billed by request."""

    hash_key: Attribute
    """The attribute that spreads items."""
    range_key: Attribute | None = None
    """The attribute that orders items."""
    indexes: dict[Name, TableIndex] = Field(default_factory=dict)
    """Global secondary indexes by name."""
    key: Key | None = None
    """The key that encrypts it; DynamoDB's own when absent."""
    ttl: Text | None = None
    """The attribute that says when an item expires."""
    point_in_time_recovery: bool = True
    """Whether it can be restored to any second of the last 35 days."""
    deletion_protection: bool = False
    """Whether it refuses to be deleted."""

    @property
    def keys(self) -> tuple[Attribute, ...]:
        """The attributes that are keys, of the table and of its indexes."""
        held = [self.hash_key, self.range_key]
        held += [key for one in self.indexes.values() for key in (one.hash_key, one.range_key)]
        return tuple(key for key in held if key is not None)

    def problems(self) -> Iterator[Problem]:
        """Refuse an attribute of two types."""
        for name, index in self.indexes.items():
            for field in ("hash_key", "range_key"):
                key = getattr(index, field)
                first = next((one for one in self.keys if key is not None and one.name == key.name), key)
                if key is not None and first.type != key.type:
                    place = ("indexes", name, field)
                    yield Problem("TW0214", place, f"`{key.name}` is a {first.type} elsewhere, and a {key.type} here")


class Secret(Section):
    """A secret in Secrets Manager."""

    description: Text | None = None
    """What it opens."""
    value: SecretSource | None = None
    """Where its value comes from; set by other means when absent."""
    key: Key | None = None
    """The key that encrypts it; Secrets Manager's own when absent."""
    replicate_in: tuple[Region, ...] = ()
    """Other Regions that keep copies, under their own key of the same name."""
    recovery: Days = timedelta(days=30)
    """How long a deletion can be taken back."""
    readers: tuple[Principal, ...] = ()
    """Roles and users that may read it."""


class Data(Section):
    """The data platform."""

    buckets: dict[Name, BucketIntent] = Field(default_factory=dict)
    """S3 buckets by name."""
    queues: dict[Name, QueueIntent] = Field(default_factory=dict)
    """SQS queues by name."""
    tables: dict[Name, Table] = Field(default_factory=dict)
    """DynamoDB tables by name."""
    secrets: dict[Name, Secret] = Field(default_factory=dict)
    """Secrets by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse buckets and queues that feed themselves in a circle."""
        circle = cycle({name: bucket.replicate_to for name, bucket in self.buckets.items()})
        if circle:
            yield Problem("TW0307", ("buckets", circle[0], "replicate_to"), f"copies in a circle: {' → '.join(circle)}")
        circle = cycle({n: q.dead_letter.queue if q.dead_letter else None for n, q in self.queues.items()})
        if circle:
            place = ("queues", circle[0], "dead_letter", "queue")
            yield Problem("TW0307", place, f"dead letters in a circle: {' → '.join(circle)}")
        for name, queue in self.queues.items():
            other = self.queues.get(queue.dead_letter.queue) if queue.dead_letter else None
            if other and other.fifo != queue.fifo:
                place = ("queues", name, "dead_letter", "queue")
                yield Problem("TW0214", place, "a queue and its dead-letter queue are both fifo or both not")
