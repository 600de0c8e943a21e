"""Where stories are played: a scenario at the moment when the responder begins, copied for each story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from twin.errors import UsageError
from twin.explore.story import ATTACKER, TIME, Story
from twin.scenario.actors.attacker import Attacker
from twin.scenario.document import Exploration, Scenario
from twin.scenario.fork import in_forks
from twin.scenario.play import Play
from twin.scenario.rehearsal import Rehearsal, stage_of
from twin.scenario.responder import StepFailed
from twin.scenario.values import UnknownName

MOVE_SECONDS = 1.0
# A little more than a write of IAM takes.
MARGIN = 1.0


class Ending(NamedTuple):
    """How a story ends: what is still allowed to the attacker, as principal and action; steps that failed."""

    story: Story
    left: tuple[tuple[str, str], ...]
    failed: tuple[str, ...] = ()
    journal: str = ""

    @property
    def lost(self) -> bool:
        """Whether the attacker still has access."""
        return bool(self.left)


@dataclass
class Field:
    """A scenario whose attacker has struck; each story changes a copy of the world."""

    play: Play
    exploration: Exploration

    @classmethod
    def of(cls, scenario: Scenario, rehearsal: Rehearsal) -> "Field":
        """Set a scenario up and let its attackers strike; UsageError for one that has nothing to explore."""
        if scenario.explore is None:
            raise UsageError(f"{scenario.id} says under `explore` of no moves whose order could be searched")
        quiet = {n: a for n, a in scenario.actors.items() if a.kind == "attacker"}
        alone = scenario.model_copy(update={"actors": quiet, "faults": {}, "converge": None})
        play = Play(alone, stage_of(alone, rehearsal), lambda: [])
        if (failure := play.prepare()) is not None:
            raise UsageError(f"{scenario.id}: {failure}")
        field = cls(play, scenario.explore)
        for attacker in field.attackers:
            play.stage.timeline.finish(attacker.strike())
        field._pass()
        field._steps(scenario.explore.before, [])
        return field

    @property
    def attackers(self) -> list[Attacker]:
        """The attackers of the scenario."""
        return [actor for actor in self.play.actors.values() if isinstance(actor, Attacker)]

    def endings(self, stories: Iterable[Story]) -> list[Ending]:
        """Play stories, what they begin with in common once; the endings in the order of the stories."""
        wanted = list(dict.fromkeys(stories))
        found = {ending.story: ending for ending in self._branch((), sorted(wanted))}
        return [found[story] for story in wanted]

    def _branch(self, begun: Story, rest: Sequence[Story]) -> list[Ending]:
        """Play on from where `begun` ends; `rest` are the stories that begin so, what is left of each."""
        found: list[Ending] = []
        works = []
        for word, group in groupby(rest, key=lambda story: story[:1]):
            tails = [story[1:] for story in group]
            works.append(partial(self._play, (*begun, *word), tails, ends=not word))
        for endings in in_forks(works, at_once=None if not begun else 1):
            found += endings
        return found

    def _play(self, begun: Story, tails: Sequence[Story], *, ends: bool) -> list[Ending]:
        if ends:
            return [self._end(begun)]
        self._do(begun[-1])
        if len(tails) == 1:
            # Nothing branches any more, so no other copy is needed.
            for word in tails[0]:
                self._do(word)
            return [self._end((*begun, *tails[0]))]
        return self._branch(begun, tails)

    def _do(self, word: str) -> None:
        if word == ATTACKER:
            self._react()
        elif word == TIME:
            self._pass()
        else:
            self._steps(self.exploration.moves[word].do, self.play.missed)
            self._wait(MOVE_SECONDS)

    def _end(self, story: Story) -> Ending:
        """Let the attacker act on what came last, take the controls down, and see what it still has."""
        self._react()
        self._pass()
        for word in story:
            if word not in (ATTACKER, TIME):
                self._steps(self.exploration.moves[word].undo, self.play.missed)
        self._pass()
        self._react()
        self._pass()
        held = self.play.breach.held()
        left = dict.fromkeys((one.principal.rpartition(":")[2], one.action) for one in held)
        return Ending(story, tuple(left), tuple(self.play.missed), self.play.stage.journal.text())

    def _react(self) -> None:
        for attacker in self.attackers:
            self.play.stage.timeline.finish(attacker.react())
        self._wait(MOVE_SECONDS)

    def _steps(self, names: Iterable[str], missed: list[str]) -> None:
        stage, runbook = self.play.stage, self.play.runbook
        for name in names:
            try:
                stage.timeline.finish(runbook.step(name, self.play.scenario.runbook[name], stage.values))
            except (StepFailed, UnknownName) as failure:
                missed.append(f"{name}: {failure}")

    def _pass(self) -> None:
        self._wait(self.play.stage.world.gateway.authorisation.propagation.total_seconds() + MARGIN)

    def _wait(self, seconds: float) -> None:
        timeline = self.play.stage.timeline
        timeline.run(until=timeline.elapsed + seconds)
