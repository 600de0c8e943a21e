"""An attacker with a stolen credential: it follows a script, uses what it has, and undoes what is done against it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.loot import Loot, Looter
from twin.scenario.reactions import MOVES, Position
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds, Step
from twin.scenario.timeline import Process
from twin.scenario.values import UnknownName, Values


class Options(BaseModel):
    """What an attacker is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: str = Field(description="The name of the saved credentials that it stole, or of an account of its own")
    at: Seconds = Field(0.0, description="When it begins")
    script: dict[str, Step] = Field(default_factory=dict, description="What it does first, whatever comes of it")
    every: Period | None = Field(None, description="How often it looks at what became of it; never when absent")
    lasts: Seconds | None = Field(None, description="How long it looks so often; without it, to the end")
    idle: Seconds = Field(120.0, description="How often it looks after that, and when it was locked out for `patience`")
    patience: Seconds = 60.0
    use: dict[str, Step] = Field(default_factory=dict, description="What it is after, with whichever credential works")
    moves: list[Literal["keys", "policies", "sessions", "roles", "backdoor"]] = Field(default_factory=list)
    user: str = Field("", description="The name of the user whose key it stole")
    roles: list[str] = Field(default_factory=list, description="ARNs of the roles that it takes")


class Attacker(Looter):
    """All that it does goes through the world's API, with the credentials that it holds by then."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.loot = Loot(name, stage)
        self.values = Values({}, stage.values)
        self.position = Position(self.loot, self.options.user, tuple(self.options.roles))
        self._stolen = ""
        self._taken: set[str] = set()
        self._locked_since: float | None = None

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        yield from self.strike()
        while self.options.every is not None:
            yield self.stage.timeline.pass_(self._pause(self.options.every))
            yield from self.react()

    def strike(self) -> Process:
        """Follow the script, and take a first look around."""
        self._stolen = self.loot.keep(self.stage.values[self.options.keys]) or ""
        for name, step in self.options.script.items():
            try:
                yield from self._do(name, step, self.values)
            except UnknownName as lacking:
                # What an earlier call would have given was refused.
                self.stage.journal.write(self.name, "cannot", step=name, lacks=lacking.args[0])
        if self.options.every is not None:
            yield from self.react()

    def react(self) -> Process:
        """Use what it has, then make each move."""
        inside = False
        self.loot.dead.clear()
        for step in self.options.use.values():
            params, region = self.values.fill(step.with_), self.values.fill(step.region)
            inside |= (yield from self.loot.by_any(step.call or "", params, region=region)) is not None
        self._notice(inside=inside)
        for move in self.options.moves:
            # Sessions are taken at first, and when those there were do not work any more.
            if move not in TAKING or not inside or move not in self._taken:
                self._taken.add(move)
                yield from MOVES[move](self.position)

    def _do(self, name: str, step: Step, values: Values) -> Process:
        if step.wait is not None:
            yield self.stage.timeline.pass_(step.wait)
            return
        for item in [None] if step.each is None else list(values[step.each]):
            own = values if item is None else Values({"item": item}, values)
            for inner, each in step.steps.items():
                yield from self._do(f"{name}/{inner}", each, own)
            if step.call is not None:
                key = self.loot.keep(values[step.as_]) if step.as_ else self._stolen
                params, region = own.fill(step.with_), own.fill(step.region)
                reply = yield from self.loot.ask(step.call, params, key or self._stolen, region=region)
                refused = self.loot.deeds[-1].refused
                self.stage.journal.write(self.name, "call", step=name, call=step.call, refused=refused)
                for saved, expression in step.save.items() if reply is not None else ():
                    values.save(saved, found := own.pick(expression, reply))
                    self.loot.keep(found)
                if reply is None and step.save:
                    return

    def _notice(self, *, inside: bool) -> None:
        now = self.stage.timeline.elapsed
        if inside and self._locked_since is not None:
            self._locked_since = None
            self.stage.journal.write(self.name, "is back inside")
        elif not inside and self._locked_since is None:
            self._locked_since = now
            self.stage.journal.write(self.name, "is locked out")

    def _pause(self, every: float) -> float:
        """Return the time to the next look: one who has been locked out for long comes back now and then."""
        now, since, lasts = self.stage.timeline.elapsed, self._locked_since, self.options.lasts
        patient = since is not None and now - since >= self.options.patience
        tired = lasts is not None and self.first is not None and now - self.first >= lasts
        return self.options.idle if patient or tired else every

    @property
    def first(self) -> float | None:
        """When it made its first call."""
        return self.loot.deeds[0].at if self.loot.deeds else None

    @property
    def last(self) -> float | None:
        """When a call of its was let last."""
        return next((deed.at for deed in reversed(self.loot.deeds) if deed.refused is None), None)

    def figures(self) -> Mapping[str, Any]:
        """Count calls, those let and those refused, and the credentials that it held; when a call was let last."""
        return {**self.loot.figures(), "held": len(self.loot.held), "last_success": self.last}


TAKING = ("sessions", "roles")
ACTOR = Attacker
