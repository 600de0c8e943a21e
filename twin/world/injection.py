"""The faults of a world: they are injected and healed by id, and tell what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from twin.errors import FaultError
from twin.wire import Request, Response
from twin.world.aws_call import Call
from twin.world.behaviors import happens
from twin.world.fault import Effects, Fault
from twin.world.faults import kinds
from twin.world.saas.stations import VendorCall
from twin.world.scene import Happening, Scene

# What faults tell by themselves; all else is the world's answer to them.
OWN = ("fault.", "zone.", "region.", "host.", "capacity.", "health.")


@dataclass(slots=True)
class Injected:
    """A fault in the world: since when, until when, and its part of the happenings."""

    kind: str
    fault: Fault
    options: Mapping[str, Any]
    began: datetime
    first: int
    ended: datetime | None = None
    last: int | None = None

    def effects(self, happenings: list[Happening]) -> Effects:
        """Count what came of it until it was healed."""
        fault = self.fault
        answers = [h.facts for h in happenings[self.first : self.last] if not h.kind.startswith(OWN)]
        noticed = sum(any(victim.in_(facts) for facts in answers) for victim in fault.victims)
        return Effects(fault.refused, fault.delayed, fault.shown, noticed)


class Faults:
    """All faults, active and healed; two on the same part are two, and the part works when both are healed."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._injected: dict[str, Injected] = {}

    def inject(
        self, kind: str, options: Mapping[str, Any] | None = None, *, name: str | None = None,
        seconds: float | None = None,
    ) -> str:  # fmt: skip
        """Begin a fault and return its id, `name` or the kind with a number; after `seconds` it heals by itself.

        FaultError for an unknown kind or option, a name that is taken, and for what is not there to be broken.
        """
        fault = make(kind, options or {}, name or f"{kind}-{len(self._injected) + 1}")
        if fault.id in self._injected:
            raise FaultError(f"there is a fault {fault.id} already")
        told = fault.options.model_dump(mode="json", exclude_defaults=True)
        first = len(self._scene.happenings)
        injected = Injected(kind, fault, told, self._scene.now(), first)
        # Found by what the beginning of the fault sets off; taken back when there is nothing to break.
        self._injected[fault.id] = injected
        try:
            fault.begin(self._scene)
        except FaultError:
            del self._injected[fault.id]
            raise
        self._scene.emit("fault.began", id=fault.id, fault=kind, options=told)
        if seconds is not None:
            self._scene.after(seconds, "fault.heal", id=fault.id)
        return fault.id

    def heal(self, id_: str) -> None:
        """End a fault; FaultError when none of that id is active."""
        injected = self._active(id_)
        injected.fault.count(self._scene)
        injected.last = len(self._scene.happenings)
        injected.ended = self._scene.now()
        injected.fault.end(self._scene)
        self._scene.emit("fault.healed", id=id_, fault=injected.kind, effects=self.effects(id_).total)

    def active(self) -> list[str]:
        """Return the ids of the faults that are on, in the order in which they began."""
        return [id_ for id_, injected in self._injected.items() if injected.ended is None]

    def all(self) -> Mapping[str, Injected]:
        """Return every fault of this world by id, healed ones too."""
        return self._injected

    def effects(self, id_: str) -> Effects:
        """Return what came of a fault so far; FaultError when there never was one of that id."""
        if id_ not in self._injected:
            raise FaultError(f"there is no fault {id_}")
        injected = self._injected[id_]
        if injected.ended is None:
            injected.fault.count(self._scene)
        return injected.effects(self._scene.happenings)

    def of_kind(self, kind: str) -> list[Fault]:
        """Return the active faults of a kind."""
        return [i.fault for i in self._injected.values() if i.kind == kind and i.ended is None]

    def check(self, call: Call) -> None:
        """Let every active fault look at a call, the oldest first."""
        for injected in self._injected.values():
            if injected.ended is None and (injected.fault.SERVICES or call.principal.kind != "service"):
                injected.fault.check(call, self._scene)

    def check_vendor(self, call: VendorCall) -> None:
        """Let every active fault look at a call to Okta or Cloudflare."""
        for injected in self._injected.values():
            if injected.ended is None:
                injected.fault.check_vendor(call, self._scene)

    def answer(self, request: Request) -> Response | None:
        """Return what a fault answers in place of a host that has no answer of its own here; None when none does."""
        for injected in self._injected.values():
            response = injected.fault.answer(request, self._scene) if injected.ended is None else None
            if response is not None:
                return response
        return None

    def _active(self, id_: str) -> Injected:
        injected = self._injected.get(id_)
        if injected is None or injected.ended is not None:
            known = ", ".join(self.active()) or "none"
            raise FaultError(f"no fault {id_} is active; active: {known}")
        return injected


def make(kind: str, options: Mapping[str, Any], id_: str) -> Fault:
    """Make a fault that has not begun; FaultError for an unknown kind or options that are none."""
    found = kinds().get(kind)
    if found is None:
        raise FaultError(f"there is no fault {kind}; there is {', '.join(kinds())}")
    try:
        return found(id_, found.OPTIONS.model_validate(options))
    except ValidationError as wrong:
        told = "; ".join(problem(error) for error in wrong.errors())
        raise FaultError(f"{kind}: {told}") from wrong


def problem(error: Any) -> str:
    """Say in words what is wrong with an option."""
    place = ".".join(map(str, error["loc"]))
    text = error["msg"].removeprefix("Value error, ")
    return f"{place}: {text}" if place else text


@happens("fault.heal")
def heal(scene: Scene, id: str) -> None:
    """End a fault that was injected for a time, unless somebody healed it before."""
    if id in scene.faults.active():
        scene.faults.heal(id)
