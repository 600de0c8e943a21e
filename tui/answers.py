"""Answers of the paths view: each question is asked once of each state of an org, however often one comes back."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from textual.message import Message

from tui import ways
from tui.sources import Sources
from tui.then import Then
from tui.ways import Break, Way
from twin.scenario.recording.looks import NETWORK, RIGHTS

Kind = Literal["principals", "packets"]
Asked = tuple[Kind, tuple[str, ...], str]
"""A question: its kind, its words, and the digest of the state that it is asked of, empty for the target as it is."""
LEDGERS: dict[Kind, str] = {"principals": RIGHTS, "packets": NETWORK}
KEPT = 12
"""How many answers are kept."""


@dataclass(slots=True)
class Answers:
    """The ways by question, and what breaks each as far as that was asked; None while it is looked for."""

    known: OrderedDict[Asked, dict[str, Way]] = field(default_factory=OrderedDict)
    breaks: dict[Asked, dict[str, Break | None]] = field(default_factory=dict)

    def keep(self, asked: Asked, found: dict[str, Way]) -> None:
        """Keep an answer; the oldest beyond the last few are dropped."""
        self.known[asked] = found
        while len(self.known) > KEPT:
            self.breaks.pop(self.known.popitem(last=False)[0], None)

    def forget(self) -> None:
        """Forget what is known of the target as it was read last."""
        for asked in [asked for asked in self.known if not asked[2]]:
            del self.known[asked]
        self.breaks = {asked: found for asked, found in self.breaks.items() if asked[2]}


def lacks(kind: Kind, then: Then | None) -> str:
    """Say why an instant has no answer; empty where it has one."""
    return then.instants.lacks(LEDGERS[kind]) if then is not None else ""


def asked_of(kind: Kind, words: tuple[str, ...], then: Then | None) -> Asked:
    """Return the question as it is asked of an instant, or of the target as it is."""
    return kind, words, then.instants.digest(LEDGERS[kind], then.t) if then is not None else ""


def answered(kind: Kind, sources: Sources, then: Then | None) -> bool:
    """Tell whether there is anything to ask."""
    source = sources.reach if kind == "principals" else sources.network
    return source is not None or (then is not None and then.run.holds(LEDGERS[kind]))


def question(asked: Asked, sources: Sources, then: Then | None) -> Callable[[], Iterator[Way]]:
    """Return what finds the ways; it is called in a thread."""
    kind, words, digest = asked
    recalled = then.instants if digest and then is not None else None
    t = then.t if then is not None else 0.0
    if kind == "principals":
        reach = partial(recalled.rights, t) if recalled is not None else sources.reach
        assert reach is not None
        return lambda: ways.principal(reach(), words[0], words[1]) if words else ways.principals(reach())
    network = partial(recalled.network, t) if recalled is not None else sources.network
    assert network is not None
    return lambda: ways.packets(network(), words[0], words[1]) if words else ways.exposed(network())


class Found(Message):
    """Some ways were found; `last` says that there are no more."""

    def __init__(self, found: Sequence[Way], asked: int, *, last: bool) -> None:
        self.found, self.asked, self.last = found, asked, last
        super().__init__()


class Failed(Message):
    """There is no answer, and why."""

    def __init__(self, why: str, asked: int) -> None:
        self.why, self.asked = why, asked
        super().__init__()


class Broken(Message):
    """What breaks a way is known."""

    def __init__(self, asked: Asked, key: str, found: Break) -> None:
        self.asked, self.key, self.found = asked, key, found
        super().__init__()
