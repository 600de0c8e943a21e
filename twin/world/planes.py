"""What kind of operation a call is: control plane or data plane, and in which Region its service stands."""

from functools import cache
from pathlib import Path
from typing import Any

from twin.data_files import read_yaml
from twin.world.trail.facts import data_type, read_only

DATA = Path(__file__).parent / "faults" / "data" / "planes.yaml"


@cache
def changes_configuration(service: str, operation: str) -> bool:
    """Tell whether an operation needs its service's control plane to write: neither a read nor data plane."""
    return not read_only(service, operation) and not data_plane(service, operation)


@cache
def data_plane(service: str, operation: str) -> bool:
    """Tell whether an operation belongs to the data plane of its service."""
    known = _file()["data_plane"]
    return (
        service in known["every"]
        or operation in known["operations"].get(service, ())
        or data_type(service, operation) is not None
    )


@cache
def control_plane(service: str) -> str | None:
    """Return the Region in which the control plane of a service without Regions stands; None for a regional one."""
    known = _file()["global_services"]
    found: str | None = known["control_planes"].get(service) or known["also"]["control_planes"].get(service)
    return found


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(DATA.read_text())
    return found
