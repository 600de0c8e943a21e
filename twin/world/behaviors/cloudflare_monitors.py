"""Cloudflare's monitors probe the origins of pools, and turn them healthy or unhealthy.

Nobody polls. When something changes that a probe would find, the moment is worked out at which so many probes in a row
have found it, and put on the agenda. https://developers.cloudflare.com/load-balancing/understand-basics/health-details/
"""

from typing import Any

from twin.semantics.edge import Asked, Forwarded
from twin.semantics.edge.health import passes, pool_state
from twin.world.behaviors import happens, watches
from twin.world.health import forced
from twin.world.scene import Happening, Scene

PROVIDES = {"cloudflare-monitors": "Cloudflare's monitors probe origins, and pools follow them."}
MEMORY = "cloudflare.monitors"
PORTS = {"http": 80, "https": 443}


@watches(
    "zone.lost", "zone.restored", "region.lost", "region.restored", "host.lost", "host.restored",
    "elbv2.target.healthy", "elbv2.target.unhealthy", "ec2.instance.answering", "ec2.instance.stopped",
    "ec2.instance.stopping", "ec2.instance.running", "ec2.instance.terminated", "ec2.instance.impaired",
    "ec2.instance.recovered", "route53.endpoint.changed", "health.flapped", "cloudflare.load_balancing.changed",
    "cloudflare.origin.changed",
)  # fmt: skip
def something_changed(scene: Scene, happening: Happening) -> None:
    """Look at every monitored origin again."""
    state = scene.vendors.cloudflare_state()
    if state is None:
        return
    for pool in list(state.pools.values()):
        monitor = state.monitors.get(pool.get("monitor", ""))
        if monitor is None:
            state.health.pop(pool["id"], None)
            continue
        held = state.health.setdefault(pool["id"], {})
        names = [origin["name"] for origin in pool["origins"]]
        for gone in [name for name in held if name not in names]:
            del held[gone]
        for origin in pool["origins"]:
            _review(scene, pool, monitor, origin)
    for gone in [pool_id for pool_id in state.health if pool_id not in state.pools]:
        del state.health[gone]


def probe(scene: Scene, pool: Any, monitor: Any, origin: Any) -> str | None:
    """Return why a probe of an origin fails now, None when it passes."""
    if forced(scene, f"{pool['id']}|{origin['name']}") is False:
        return "TCP connection failed"
    scheme = "http" if monitor["type"] == "http" else "https"
    header = (
        (monitor.get("header") or {}).get("Host") or (origin.get("header") or {}).get("Host") or [origin["address"]]
    )
    host, path = str(header[0]), str(monitor.get("path") or "/")
    asked = Asked(host, path, method=str(monitor.get("method") or "GET"), scheme=scheme, at=scene.now().timestamp())
    port = int(monitor.get("port") or origin.get("port") or PORTS[scheme])
    lines = {"user-agent": ("Cloudflare-Traffic-Manager/1.0 (+https://www.cloudflare.com/traffic-manager/;)",)}
    sent = Forwarded(str(origin["address"]), port, scheme, host, host, asked, lines, pool["id"], origin["name"])
    return passes(monitor, scene.edge.origin(sent))


def _review(scene: Scene, pool: Any, monitor: Any, origin: Any) -> None:
    """Have an origin's health become what enough probes will find, unless it is or is about to."""
    state = scene.vendors.cloudflare_state()
    assert state is not None
    failure = probe(scene, pool, monitor, origin)
    name = f"{pool['id']}|{origin['name']}"
    aims: dict[str, Any] = scene.memory.setdefault(MEMORY, {})
    aim = aims.get(name)
    known = state.health[pool["id"]].get(origin["name"])
    wanted = failure is None
    if aim is not None and aim["up"] == wanted:
        return
    if aim is not None:
        scene.agenda.cancel(aim["task"])
        del aims[name]
    if known is not None and known["up"] == wanted:
        known["reason"] = failure or ""
        return
    seconds = scene.delay("cloudflare_monitors.first_probe") if known is None else _seconds(scene, monitor, failure)
    told = {"pool": pool["id"], "origin": origin["name"], "up": wanted, "reason": failure or ""}
    if seconds == 0:
        _turn(scene, **told)
    else:
        aims[name] = {"up": wanted, "task": scene.after(seconds, "cloudflare.probed", **told)}


def _seconds(scene: Scene, monitor: Any, failure: str | None) -> float:
    """Return how long it takes until so many probes in a row have found the same; a failure is tried again at once."""
    interval = float(monitor["interval"])
    to_next = scene.chance("cloudflare_monitors").uniform(0, interval)
    needed = max(1, int(monitor.get("consecutive_up" if failure is None else "consecutive_down") or 0))
    tries = (int(monitor["retries"]) + 1) * float(monitor["timeout"]) if failure == "TCP connection timed out" else 0.0
    return round(to_next + (needed - 1) * interval + tries, 3)


@happens("cloudflare.probed")
def probed(scene: Scene, *, pool: str, origin: str, up: bool, reason: str) -> None:
    """Enough probes found the same."""
    scene.memory.get(MEMORY, {}).pop(f"{pool}|{origin}", None)
    _turn(scene, pool=pool, origin=origin, up=up, reason=reason)


def _turn(scene: Scene, *, pool: str, origin: str, up: bool, reason: str) -> None:
    state = scene.vendors.cloudflare_state()
    if state is None or pool not in state.pools:
        return
    held = state.health.setdefault(pool, {})
    before = pool_state(state.pools[pool], {name: seen["up"] for name, seen in held.items()})
    held[origin] = {"up": up, "reason": reason, "at": scene.now().isoformat()}
    after = pool_state(state.pools[pool], {name: seen["up"] for name, seen in held.items()})
    scene.emit("cloudflare.origin.healthy" if up else "cloudflare.origin.unhealthy", pool=pool, origin=origin)
    if before != after:
        scene.emit("cloudflare.pool.changed", pool=pool, state=after, before=before)
