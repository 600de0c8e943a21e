"""A breach as incident responders count it: times to detect, to notify, to contain; what is left; what is known."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from twin.observe.iam.read import read_org
from twin.scenario.duration import between, following
from twin.scenario.evidence import erasable, outer_places, own_places, signers
from twin.scenario.exposure import KINDS, Exposure, Held
from twin.scenario.responder import Steps
from twin.scenario.stage import Stage

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html: log files come
# within about 5 minutes on average, which is not guaranteed; twice that is given here.
UNDER_WAY = 600.0


@runtime_checkable
class Intruder(Protocol):
    """An actor whose credentials are tainted."""

    @property
    def first(self) -> float | None:
        """When it made its first call."""
        ...

    @property
    def last(self) -> float | None:
        """When a call of its was let last."""
        ...

    def tainted(self) -> Mapping[str, Any]:
        """Return every credential that it ever held, by access key id."""
        ...

    def seen(self, before: float) -> Counter[str]:
        """Count its calls up to an instant of which the world knows who made them, by access key id."""
        ...

    def read(self) -> Mapping[str, str]:
        """Return the versions of the secrets that it read, by ARN."""
        ...


class Breach:
    """All attackers of a run, looked at before the runbook and after each of its steps."""

    def __init__(self, intruders: list[Intruder], runbook: Steps, stage: Stage) -> None:
        self.intruders, self.runbook, self.stage = intruders, runbook, stage
        self.looks: list[tuple[float, int]] = []
        self.peak = 0
        self.left: Counter[str] = Counter()
        self._exposure: Exposure | None = None
        self._erasable: set[str] = set()

    def exposure(self) -> Exposure:
        """Read the org once; what may be done with it is asked again and again."""
        if self._exposure is None:
            home, world = self.stage.administrator, self.stage.world
            org = read_org({"aws": home}, world.accounts[0], [world.region])
            trails = self.stage.call("cloudtrail:DescribeTrails", {})["trailList"]
            arns = [one["TrailARN"] for one in trails]
            self._exposure = Exposure(world, org, arns, account=world.accounts[0])
        return self._exposure

    def held(self) -> list[Held]:
        """Return what tainted credentials may do now."""
        return self.exposure().of([id_ for one in self.intruders for id_ in one.tainted()])

    def look(self, step: str) -> None:
        """Ask what is still allowed to whom, and write it down."""
        if not self.intruders:
            return
        held = self.held()
        self.left = Counter(one.kind for one in held)
        self.peak = max(self.peak, len(held))
        self.looks.append((self.stage.timeline.elapsed, len(held)))
        tainted = [id_ for one in self.intruders for id_ in one.tainted()]
        self._erasable |= {one.bucket for one in outer_places(self.stage) if erasable(self.stage, one, tainted)}
        who = sorted({one.principal for one in held})
        self.stage.journal.write("breach", "reach", after=step or "nothing yet", left=len(held), **self.left, by=who)

    def breached(self) -> bool:
        """Tell whether an attacker was ever let do anything, or could have done something."""
        return self.peak > 0 or any(one.last is not None for one in self.intruders)

    def contained(self) -> float | None:
        """Return when the last reach was gone for good; None when it is not, and when there never was any."""
        if not self.breached() or not self.looks or self.looks[-1][1]:
            return None
        since = next(at for number, (at, _) in enumerate(self.looks) if not any(n for _, n in self.looks[number:]))
        calls = [one.last for one in self.intruders if one.last is not None]
        return max([since, *calls])

    def figures(self) -> Iterator[tuple[str, Any]]:
        """Yield the figures; a time to what never came is None."""
        if not self.intruders:
            return
        firsts = [one.first for one in self.intruders if one.first is not None]
        pager = self.runbook.pager
        alerted = pager.delivered if pager is not None else None
        began, responded = min(firsts, default=None), self.runbook.begun
        yield "ttd", following(began, alerted)
        yield "ttd.because", self.runbook.unheard(began)
        yield "ttn", between(alerted, responded)
        yield "ttc", between(responded, self.contained())
        yield "ttr", following(began, self.runbook.resolved) if self.breached() else None
        yield "peak", self.peak
        yield "residual", self.looks[-1][1] if self.looks else None
        yield from ((f"residual_{kind}", self.left[kind]) for kind in KINDS)
        yield "evidence", self._evidence()
        yield "secrets_read", len(self._read())
        yield "coverage", self._coverage()

    def _read(self) -> dict[str, str]:
        return {arn: version for one in self.intruders for arn, version in one.read().items()}

    def _coverage(self) -> float | None:
        """Return the share of the secrets that were read of which another version is current by now."""
        read, rotated = self._read(), 0
        for arn, version in read.items():
            told = self.stage.call("secretsmanager:DescribeSecret", {"SecretId": arn})
            rotated += "AWSCURRENT" not in told["VersionIdsToStages"].get(version, ())
        return round(rotated / len(read), 6) if read else None

    def _evidence(self) -> float | None:
        """Return the share of the attackers' calls in trail files that none of their credentials could delete.

        Files of an organization's trail are kept where no credential could ever delete them.

        Calls with credentials of the org's own account count, and those that have had the time to get there.
        """
        before = self.stage.timeline.elapsed - UNDER_WAY
        made: Counter[str] = sum((one.seen(before) for one in self.intruders), Counter())
        made = Counter({id_: count for id_, count in made.items() if self._ours(id_)})
        if not made:
            return None
        places = [one for one in outer_places(self.stage) if one.bucket not in self._erasable]
        own = own_places(self.stage)
        if not (self.left["blind"] or self._could_delete({one.bucket for one in own})):
            places += own
        kept: Counter[str] = Counter()
        for place in places:
            kept |= signers(self.stage, place)
        return round(sum(min(count, kept[id_]) for id_, count in made.items()) / made.total(), 6)

    def _ours(self, access_key_id: str) -> bool:
        key = self.stage.world.keys.find(access_key_id)
        return key is not None and key.principal.account == self.stage.world.accounts[0]

    def _could_delete(self, names: set[str]) -> bool:
        buckets = {f"arn:aws:s3:::{name}" for name in names}
        return any(one.kind == "destroy" and one.resource.partition("/")[0] in buckets for one in self.held())
