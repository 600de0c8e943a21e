"""A health that a fault turns to unhealthy, for whoever decides by it: targets, DNS, Auto Scaling.

Behaviors ask `forced` before they look at anything else; the happening `health.flapped` tells when to ask again,
with the `subject`, its `account` and `region`.
"""

from twin.world.scene import Scene

MEMORY = "health.forced"


def target_subject(group_arn: str, target_id: str) -> str:
    """Return the name of a load balancer's target among all healths; Route 53's health checks go by their id."""
    return f"{group_arn}|{target_id}"


def forced(scene: Scene, subject: str) -> bool | None:
    """Return False while a fault has a health unhealthy, None when it is what it is."""
    return False if scene.memory.get(MEMORY, {}).get(subject) else None


def force(scene: Scene, subject: str, by: str) -> None:
    """Turn a health to unhealthy, on behalf of the fault `by`."""
    holders = scene.memory.setdefault(MEMORY, {}).setdefault(subject, [])
    if by not in holders:
        holders.append(by)


def release(scene: Scene, subject: str, by: str) -> None:
    """Let go of a health on behalf of the fault `by`; another may still hold it."""
    kept = scene.memory.get(MEMORY, {})
    holders = [holder for holder in kept.get(subject, ()) if holder != by]
    if holders:
        kept[subject] = holders
    else:
        kept.pop(subject, None)
