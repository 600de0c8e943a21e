"""What `twin crash` tells: counts by way and verb, and what was left behind."""

from twin.explore.survival import Survival
from twin.report.survivals import document, markdown, sentence

SURVIVED = [
    Survival("apply", "before", 1, "ec2:CreateVpc", 0, rejoins=True),
    Survival("apply", "after", 1, "ec2:CreateVpc", 0, stands_for=2),
    Survival("apply", "after", 1, "ec2:CreateVpc", 2),
    Survival("apply", "lost reply", 2, "ec2:CreateTags", 0, alike=True),
    Survival("apply", "never", 2, "", 0),
    Survival("destroy", "never", 1, "", 0),
]
LEFT = Survival(
    "destroy", "after", 1, "ec2:DeleteVpc", 3, ("it failed",), ("delete a",), ("aws.ec2.vpc vpc-1",), ("b",)
)


def test_the_page_counts_each_end_once_and_the_ends_of_recoveries_apart():
    """Ends that leave the very same count too."""
    page = markdown(SURVIVED, "org.yaml", 1)
    assert "| calls | 2 | 1 |" in page
    assert "| dead before or after it | 3 | 0 |" in page
    assert "| lost reply | 1 | 0 |" in page
    assert "| again, in the recovery | 1 | 0 |" in page
    assert "Left behind: 0 orphans, 0 doubles, 0 differences, 0 failures." in page
    assert "throttled" not in page


def test_what_is_left_behind_is_named():
    """One end that was not survived makes the whole answer no."""
    told = document([*SURVIVED, LEFT])
    assert (told["good"], told["left"]) == (False, {"orphans": 1, "doubles": 1, "differences": 1, "failures": 1})
    assert [one["call"] for one in told["lost"]] == ["ec2:DeleteVpc"]
    line = (
        "- destroy ended after call 1 ec2:DeleteVpc, again at call 3 of the recovery: it failed; delete a; double b; "
    )
    assert line + "orphan aws.ec2.vpc vpc-1" in markdown([*SURVIVED, LEFT], "org.yaml", 3)
    assert document(SURVIVED)["good"]


def test_the_sentence_tells_the_sums():
    """Calls, ends, ends of recoveries."""
    assert sentence(SURVIVED) == (
        "3 calls, 4 ends of the applier, 1 more in its recovery: 0 orphans, 0 doubles, 0 differences, 0 failures"
    )
