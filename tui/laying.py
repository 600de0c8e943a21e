"""What can be laid over a drawing of the network: what a loss takes along, and the way of packets."""

from twin.analysis.passage.ends import INTERNET, ends
from twin.analysis.passage.passages import Asked, View, passages
from twin.errors import UsageError
from twin.report.picture.boxes import Box, Marks, Picture
from twin.report.picture.overlays import of_fault, of_passage

FAULTS = {"zone": "zone", "instance": "instance", "nat": "nat", "database": "database", "balancer": "balancer",
          "gateway": "gateway"}  # fmt: skip
"""By the kind of a box, the fault that takes it away."""


def blast(network: View, drawn: Picture, box: Box) -> Marks:
    """Mark what is lost and hurt without a box; UsageError where nothing breaks alone."""
    kind = FAULTS.get(box.kind.split()[0])
    if kind is None:
        raise UsageError(f"a {box.kind} is no thing that breaks alone; try {', '.join(FAULTS)}")
    name = box.title if kind in ("zone", "database") else box.id
    return of_fault(network, drawn, f"{kind}:{name}")


def way(network: View, drawn: Picture, centre: str, box: Box) -> Marks:
    """Mark the way of packets to a box, from the centre or else from the internet; UsageError where there is none."""
    start = centre if box.id != centre else INTERNET
    topology = network.topology
    found = passages(network, Asked(ends(topology, _end(drawn, start)), ends(topology, _end(drawn, box.id))))
    if not found:
        raise UsageError("packets go from one end to another: choose another box")
    return of_passage(drawn, found[0])


def _end(drawn: Picture, box: str) -> str:
    """Return the end of packets that a box stands for: a database's is its own name."""
    return next((one.title for one in drawn.root.all() if one.id == box and one.kind == "database"), box)
