"""B1's interleavings: stories that lose and stories that hold, their replay, the search on a small space."""

import json
import os

import pytest

from twin.cli.bundled import find_scenario, folder
from twin.cli.commands.run import Orgs
from twin.cli.compiled import compile_file
from twin.explore.field import Field
from twin.explore.search import search, shrink
from twin.explore.story import Space
from twin.scenario.document import load
from twin.world.world import World

BEST = ("guard", "keys", "deny", "sessions", "roles")


@pytest.fixture(scope="module")
def field(orgs):
    """B1 at the moment at which the responder begins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(orgs))
        scenario, _ = load(find_scenario("B1"))
        compiled = compile_file(folder("specs") / scenario.spec, None)
        made = Field.of(scenario, Orgs(scenario, compiled, {}, "twin").stand())
        yield made
    World.end()


def test_the_guard_first_holds_and_the_keys_first_lose(field):
    """The attacker undoes what is not yet counted; what stands above the account it cannot undo."""
    lossy = ("keys", "attacker", "deny", "attacker", "sessions", "attacker", "roles", "attacker", "guard")
    held, lost = field.endings([("guard", "attacker", *BEST[1:]), lossy])
    assert (held.lost, held.failed) == (False, ())
    assert lost.lost
    assert any(action.startswith(("s3:", "sts:", "iam:")) for _, action in lost.left)


def test_a_story_has_one_end_whatever_is_played_beside_it(field):
    """Copies do not see each other: alone, twice, or among others that begin alike, the journal is the same bytes."""
    stories = [("guard", "keys", "deny", "sessions", "roles"), ("guard", "keys", "deny", "roles", "sessions")]
    together = field.endings([*stories, ("guard", "time", "keys", "deny", "sessions", "roles")])
    assert field.endings(stories[:1])[0] == together[0]
    assert together[0].journal != together[1].journal


def test_without_a_move_the_best_order_loses(field):
    """Sessions that nobody revokes are still good when the guard is gone, and so are the keys."""
    for missing in ("sessions", "keys", "roles"):
        (ending,) = field.endings([tuple(move for move in BEST if move != missing)])
        assert ending.lost, missing


def test_a_loss_is_shrunk_to_one_that_still_loses(field):
    """Nothing between its moves can be left out any more, and playing it again loses again."""
    (lost,) = field.endings([("roles", "attacker", "keys", "attacker", "deny", "time", "sessions", "time", "guard")])
    assert lost.lost
    short = shrink(field, lost)
    assert len(short.story) < len(lost.story)
    assert field.endings([short.story])[0].lost


def test_a_search_finds_the_order_that_holds(field, whole):
    """On some of the moves, with the seed and the count that it tells of."""
    names, limit = (("keys", "sessions", "guard"), 6) if whole else (("keys", "guard"), 2)
    small = Field(field.play, field.exploration.model_copy(update={"moves": _some(field, *names)}))
    found = search(small, limit=limit, seed=1)
    assert (found.space, found.sampled.played) == (Space(names), limit)
    assert found.order[0] in found.space.moves
    assert set(found.without) == set(names)


def _some(field, *names):
    return {name: field.exploration.moves[name] for name in names}


def test_one_story_is_replayed_on_the_command_line(orgs, monkeypatch, capsys):
    """Exit 1 and what is left when it loses; a word that is no move is a mistake of the user's."""
    from twin.cli import run

    monkeypatch.setenv("TWIN_HOME", os.fspath(orgs))
    code = run(["explore", "B1", "--json", "--story", "sessions keys deny roles"])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["lost"], told["story"]) == (1, True, ["sessions", "keys", "deny", "roles"])
    assert told["left"]
    assert told["journal"]
    assert run(["explore", "K1"]) == 2
    assert "explore" in capsys.readouterr().err
