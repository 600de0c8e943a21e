"""The law of the engine: any valid org is applied, then there is nothing to do, then it can be removed whole."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from orgs import orgs
from rig import SCOPE, Rig, desired

from twin.engine.check import problems

LAW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@LAW
@given(orgs(), st.booleans())
def test_any_org_is_applied_stable_and_removed(tmp_path_factory, wanted, forget):
    """Plan, apply, an empty plan (also without a state), destroy: nothing is left that the empty world had not."""
    assert problems(wanted, SCOPE) == []
    rig = Rig(tmp_path_factory.mktemp("org"))
    before = rig.strangers()
    rig.build(wanted)
    if forget:
        for file in rig.folder.iterdir():
            file.unlink()
        assert rig.pending(wanted) == {}
    assert rig.destroy(wanted).good
    assert rig.owned() == []
    assert rig.strangers() == before


@settings(LAW, max_examples=10)
@given(orgs(most=8), orgs(most=8))
def test_any_org_becomes_any_other(tmp_path_factory, one, other):
    """Whatever changes between two specs under the same addresses, one apply makes the difference."""
    rig = Rig(tmp_path_factory.mktemp("org"))
    rig.build(one)
    rig.build(other)
    rig.build(desired())
    assert rig.owned() == []
