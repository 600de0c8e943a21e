"""The law of the engine: any valid org is applied, then there is nothing to do, then it can be removed whole."""

import pytest
from examples import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from orgs import orgs
from rig import SCOPE, Rig, desired

from twin.engine.check import problems

LAW = settings(
    max_examples=examples(12),
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a world of this seed holds from its beginning."""
    return Rig(tmp_path_factory.mktemp("empty")).strangers()


@LAW
@given(wanted=orgs(), forget=st.booleans())
def test_any_org_is_applied_stable_and_removed(tmp_path_factory, found, wanted, forget):
    """Plan, apply, an empty plan (also without a state), destroy: nothing is left that the empty world had not."""
    assert [(str(d.address), p) for d, p in problems(wanted, SCOPE)] == []
    rig = Rig(tmp_path_factory.mktemp("org"))
    rig.build(wanted)
    if forget:
        for file in rig.folder.iterdir():
            file.unlink()
        assert rig.pending(wanted) == {}
    assert rig.destroy(wanted).good
    assert rig.strangers() == found


@settings(LAW, max_examples=examples(6))
@given(one=orgs(most=8), other=orgs(most=8))
def test_any_org_becomes_any_other(tmp_path_factory, one, other):
    """Whatever changes between two specs under the same addresses, one apply makes the difference."""
    rig = Rig(tmp_path_factory.mktemp("org"))
    rig.build(one)
    rig.build(other)
    rig.build(desired())
    assert rig.owned() == []
