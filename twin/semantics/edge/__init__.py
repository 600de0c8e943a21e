"""What Cloudflare's edge does with a request: from DNS to what the visitor gets, as pure decisions with their trace.

`visit(asked, zone, memory, origin)` takes a request through every stage; each stage is a function of its own.
"""

from twin.semantics.edge.asked import Asked, Identity
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.dns import resolve
from twin.semantics.edge.memory import Memory
from twin.semantics.edge.origin import Broken, Certificate, Forwarded, Origin, Returned
from twin.semantics.edge.outcome import Step, Visit
from twin.semantics.edge.purging import purge
from twin.semantics.edge.stages import visit

__all__ = [
    "Asked",
    "Broken",
    "Certificate",
    "Forwarded",
    "Identity",
    "Memory",
    "Origin",
    "Returned",
    "Step",
    "Visit",
    "Zone",
    "purge",
    "resolve",
    "visit",
]
