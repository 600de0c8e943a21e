"""What a recording keeps beside the resources: who may do what, the network, the meter; read from any target."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twin.address import Address
from twin.observe.iam.read import read_org
from twin.observe.iam.written import GAPS, written
from twin.observe.reading import read
from twin.resources.scope import Scope
from twin.resources.transport import System
from twin.scenario.recording.ledger import Texts

RIGHTS, NETWORK, METER = "rights", "network", "meter"
LEDGERS = (RIGHTS, NETWORK, METER)
TOGETHER = frozenset(f"aws.{name}" for name in ("ec2", "elbv2", "autoscaling", "rds", "eks", "lambda"))
"""Services that move each other's parts of the network: after one of them all are read again."""


def rights(systems: Mapping[str, System], account: str, regions: Sequence[str]) -> Texts:
    """Read who may do what."""
    return written(read_org(systems, account, regions))


def network(systems: Mapping[str, System], account: str, regions: Sequence[str]) -> Texts:
    """Read the network, a text for each reply."""
    found = read(systems, account, regions)
    return {**{name: _text(reply) for name, reply in found.files.items()}, GAPS: _text(found.gaps)}


def meter(told: Mapping[str, Any]) -> Texts:
    """Return what a meter tells as a text for each thing held, each hour's use and each tagged resource."""
    found = {f"held {' '.join((*one[:5], one[6]))}": one for one in told["holdings"]}
    found |= {f"used {' '.join((*one[:5], one[6]))}": one for one in told["uses"]}
    found |= {f"tags {one[0]} {one[1]}": one for one in told["tags"]}
    return {key: _text(one) for key, one in found.items()}


def regions_of(scope: Scope, addresses: Iterable[Address]) -> tuple[str, ...]:
    """Return the Regions in which an org has something, its own first."""
    return tuple(dict.fromkeys((scope.region, *sorted({one.region for one in addresses if one.region}))))


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
