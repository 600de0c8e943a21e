"""What exists in another Region is taken over there: under an address of that Region, whoever else has its name."""

import pytest
from rig import Rig

from tests.blueprints.built import HEAD, ROOT, build
from twin.blueprints.compile import compile_spec
from twin.engine import terraform_state
from twin.engine.acceptance import for_environment
from twin.engine.adoption import adopt
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.strangers import strangers
from twin.engine.terraform_state import Managed
from twin.spec.insertion import inserted
from twin.spec.load import parse

WEST = "us-west-2"
TYPES = (
    "aws.s3.bucket",
    "aws.ec2.vpc",
    "aws.ec2.subnet",
    "aws.ec2.security_group",
    "aws.logs.group",
    "aws.sqs.queue",
    "aws.iam.role",
)


class Coasts:
    """An account that was filled by hand in two Regions, with the same names in both."""

    def __init__(self, folder):
        self.rig = Rig(folder, build("").scope)
        for region in (self.rig.target.scope.region, WEST):
            made = {name: self.rig.aws.client(name, region=region) for name in ("ec2", "logs", "sqs")}
            vpc = made["ec2"].create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
            made["ec2"].create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "office"}])
            made["ec2"].create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
            made["logs"].create_log_group(logGroupName="app")
            made["sqs"].create_queue(QueueName="jobs")
        self.rig.aws.client("s3").create_bucket(Bucket="acme-at-home")
        west = self.rig.aws.client("s3", region=WEST)
        west.create_bucket(Bucket="acme-abroad", CreateBucketConfiguration={"LocationConstraint": WEST})
        west.put_bucket_versioning(Bucket="acme-abroad", VersioningConfiguration={"Status": "Enabled"})

    def request(self, text=HEAD, places=(WEST,)):
        """Read the account for a spec, in another Region too."""
        desired = compile_spec(parse(text.encode(), ROOT / "org.yaml", "test", environ={}))[0]
        state = self.rig.store.load()
        state.known = True
        snapshot = refresh(desired, self.rig.target, state, also=TYPES, places=places)
        return Request(desired, snapshot, state, self.rig.target)


@pytest.fixture(scope="module")
def coasts(tmp_path_factory):
    """One account for all, of which the last test takes over what there is."""
    made = Coasts(tmp_path_factory.mktemp("coasts") / "s")
    yield made
    made.rig.world.close()


def test_a_region_is_looked_at_when_it_is_named(coasts):
    """Without it only the org's own is; what is global is found once."""
    here = {str(s.address) for s in strangers(coasts.request(places=()))}
    both = {str(s.address) for s in strangers(coasts.request())}
    assert {one for one in both if "@" not in one} == here
    abroad = {"aws.ec2.vpc.office@us-west-2", "aws.logs.group.app@us-west-2", "aws.sqs.queue.jobs@us-west-2"}
    assert abroad <= both
    assert not any("aws.iam" in one for one in both - here)


def test_terraform_with_a_provider_of_another_region_means_the_object_there(coasts):
    """Two groups of one name: the ARN says which; by name alone it may be either."""
    request = coasts.request()
    arn = f"arn:aws:logs:{WEST}:{coasts.rig.target.scope.account}:log-group:app"
    owned = Managed(
        "aws_cloudwatch_log_group.app", "aws_cloudwatch_log_group", "terraformed", {"name": "app", "arn": arn}
    )
    assert owned.region == WEST
    found = terraform_state.match([owned], request.snapshot.objects, lambda *_: False).found
    (stranger,) = [s for s in strangers(request, named=lambda _, item: found.get(id(item))) if id(s.observed) in found]
    assert str(stranger.address) == "aws.logs.group.terraformed@us-west-2"


def test_a_bucket_stands_in_its_own_region(coasts):
    """It is looked for there alone, and Terraform's state, whose ARN of it names no Region, says where it is."""
    assert "acme-abroad" not in {s.address.name for s in strangers(coasts.request(places=()))}
    request = coasts.request()
    buckets = {str(s.address) for s in strangers(request) if s.address.type == "aws.s3.bucket"}
    assert buckets == {"aws.s3.bucket.acme-at-home", "aws.s3.bucket.acme-abroad@us-west-2"}
    values = {"id": "acme-abroad", "bucket": "acme-abroad", "arn": "arn:aws:s3:::acme-abroad", "region": WEST}
    owned = Managed("aws_s3_bucket.lake", "aws_s3_bucket", "lake", values)
    assert owned.region == WEST
    found = terraform_state.match([owned], request.snapshot.objects, lambda *_: False).found
    every = strangers(request, named=lambda _, item: found.get(id(item)))
    (lake,) = [s for s in every if id(s.observed) in found]
    result = adopt(request, [lake], every, tags={"team"})
    assert result.patch["resources"]["aws.s3.bucket"]["lake@us-west-2"]["bucket"] == "acme-abroad"
    planned = plan(coasts.request(inserted(HEAD, for_environment(result.patch, "test"))))
    pending = [c for c in planned.plan.pending if c.address.type == "aws.s3.bucket"]
    assert (planned.problems, [(c.action, c.reason) for c in pending]) == ([], [("update", "ownership")])


def test_what_is_taken_over_abroad_has_nothing_left_to_do(coasts):
    """The spec's lines name the Region, references stay in it, and one apply writes down who owns it."""
    request = coasts.request()
    every = strangers(request)
    abroad = [s for s in every if s.address.region]
    mine = [s for s in abroad if s.address.name.startswith(("office", "app", "jobs", "acme"))]
    mine += [s for s in abroad if s.observed.fields.get("cidr_block") == "10.0.1.0/24"]
    result = adopt(request, mine, every, tags={"team"})
    assert [
        one for one in result.left if one.type in ("aws.sqs.queue", "aws.logs.group", "aws.ec2.vpc", "aws.s3.bucket")
    ] == []
    resources = result.patch["resources"]
    assert resources["aws.sqs.queue"]["jobs@us-west-2"]["name"] == "jobs"
    assert resources["aws.s3.bucket"]["acme-abroad@us-west-2"]["versioning"] is True
    assert {entry["vpc"] for entry in resources["aws.ec2.subnet"].values()} == {"${aws.ec2.vpc.office@us-west-2.id}"}
    text = inserted(HEAD, for_environment(result.patch, "test"))
    planned = plan(coasts.request(text))
    assert planned.problems == []
    pending = [change for change in planned.plan.pending if change.address.region]
    assert {(c.action, c.reason, c.address.region) for c in pending} == {("update", "ownership", WEST)}, pending
    assert coasts.rig.carry_out(planned.plan).good
    assert plan(coasts.request(text)).plan.pending == ()
    left = {str(s.address) for s in strangers(coasts.request(text))}
    assert {"aws.sqs.queue.jobs", "aws.logs.group.app"} <= left  # those of the other Region are nobody's still
