"""Stories: how many there are, how they are drawn, read and shortened."""

from itertools import permutations
from random import Random

import pytest

from twin.errors import UsageError
from twin.explore.story import GAPS, Space, read, shorter, told

SPACE = Space(("a", "b", "c"))


def test_a_space_counts_its_stories():
    """Three moves in six orders, three things that can come between two of them."""
    every = [story for order in permutations(SPACE.moves) for story in SPACE.of(order)]
    assert (SPACE.orders, SPACE.timings) == (6, 9)
    assert len(every) == len(set(every)) == 54


def test_a_sample_is_of_the_space_evenly_by_first_move_and_of_the_seed():
    """No story twice; the same seed draws the same ones, another seed others; all when more are wanted."""
    every = {story for order in permutations(SPACE.moves) for story in SPACE.of(order)}
    drawn = SPACE.sample(12, Random(1))
    assert len(set(drawn)) == 12
    assert set(drawn) <= every
    assert [sum(story[0] == move for story in drawn) for move in SPACE.moves] == [4, 4, 4]
    assert SPACE.sample(12, Random(1)) == drawn != SPACE.sample(12, Random(2))
    assert set(SPACE.sample(1000, Random(1))) == every


def test_a_story_is_read_as_it_is_printed_and_a_word_that_is_no_move_is_refused():
    """The one line by which a loss is replayed."""
    story = told(["b", "a"], [GAPS[1]])
    assert story == ("b", "attacker", "a")
    assert read(" ".join(story), ("a", "b")) == read("b, attacker, a", ("a", "b")) == story
    with pytest.raises(UsageError, match="guart is no move"):
        read("guart a", ("guard", "a"))


def test_a_shorter_story_keeps_every_move():
    """Only what stands between the moves is left out, one at a time."""
    assert list(shorter(("a", "attacker", "b", "time", "c"))) == [
        ("a", "b", "time", "c"),
        ("a", "attacker", "b", "c"),
    ]
    assert list(shorter(("a", "b"))) == []
