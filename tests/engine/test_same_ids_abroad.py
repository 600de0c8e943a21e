"""Objects of two Regions with one id are two: what a plan removes, and what it leaves, is told by the Region too."""

import pytest
from rig import Rig

from twin.promote.rollout import way_back
from twin.resources.aws.logs import LogGroup
from twin.resources.declaration import Desired

HOME, WEST = "app", "app@us-west-2"


def groups(*names):
    """Return log groups of one name, in the Regions of their addresses."""
    found = Desired()
    for name in names:
        found.add(name, LogGroup(name="app"), ())
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """An org with a group at home, and from its second run on one of the same name in the west."""
    rig = Rig(tmp_path_factory.mktemp("both") / "state")
    rig.store.recorded = True
    rig.build(groups(HOME))
    rig.build(groups(HOME, WEST))
    yield rig
    rig.world.close()


@pytest.mark.parametrize(("kept", "gone"), [(HOME, WEST), (WEST, HOME)])
def test_what_the_spec_dropped_goes_though_its_name_is_wanted_elsewhere(both, kept, gone):
    """And with both in the spec nothing does."""
    assert both.pending(groups(kept)) == {f"aws.logs.group.{gone}": "delete"}
    assert both.pending(groups(HOME, WEST)) == {}


def test_the_way_back_removes_what_was_made_in_another_region(both):
    """The one at home was there before the run, and stays."""
    run = both.store.history.runs()[-1]
    back = way_back(both.store.history.plan(run), both.target, both.store).plan
    assert {c.key: c.action for c in back.pending} == {f"aws.logs.group.{WEST}": "delete"}


def test_tags_that_were_copied_to_another_region_remove_nothing(both):
    """What bears them is not what they name, neither there nor here, and is shown as nobody's."""
    logs = both.aws.client("logs", region="us-west-2")
    tags = both.aws.client("logs").list_tags_log_group(logGroupName="app")["tags"]
    logs.create_log_group(logGroupName="copy", tags=tags)
    planned = both.plan(groups(HOME, WEST)).plan
    assert planned.pending == ()
    assert [u.id for u in planned.unmanaged if u.type == "aws.logs.group"] == ["copy"]
    logs.delete_log_group(logGroupName="copy")
