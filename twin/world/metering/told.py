"""What the meter says, as plain JSON: for those who price it elsewhere than in the world."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.world.scene import Scene


def told(scene: "Scene") -> dict[str, Any]:
    """Return all that was used so far, the tags of resources, and the world's instant."""
    used = scene.meter.used(scene)
    return {
        "schema": 1,
        "now": scene.now().isoformat(),
        "holdings": [
            [*_place(held.where), str(held.amount), held.start.isoformat(), held.end.isoformat() if held.end else None]
            for held in used.holdings
        ],
        "uses": [[*_place(use.where), str(use.quantity), use.time.isoformat()] for use in used.uses],
        "tags": [[account, resource, dict(tags)] for (account, resource), tags in sorted(scene.meter.tags.items())],
    }


def _place(where: Any) -> list[str]:
    return [where.account, where.region, where.service, where.usage, where.resource]
