"""Which object is which desired resource: by ownership tag, then by the id applied last, then by natural key."""

from rig import desired

from twin.address import Address
from twin.engine.refresh import match
from twin.engine.state import Entry, State
from twin.resources.aws.iam_group import Group
from twin.resources.aws.sns import Topic
from twin.resources.aws.subnet import Subnet
from twin.resources.resource import Observed

A, B = Address("aws.sns.topic", "a"), Address("aws.sns.topic", "b")
G = Address("aws.iam.group", "g")


def topic(id_, name="t", owner=None):
    """Return a topic as it was read."""
    return Observed(id_, {"name": name}, owner=owner)


def matched(wanted, objects, entries=None):
    """Match and return the ids by address; keys are the names."""
    keys = {d.address: (d.values["name"],) for d in wanted}
    found = match(list(wanted), objects, keys, State(dict(entries or {}), known=True))
    return {address: observed.id for address, observed in found.items()}


def test_the_ownership_tag_goes_before_id_and_key():
    """An object that carries our address is ours, whatever its name and whatever the state remembers."""
    objects = [topic("by-key"), topic("by-id", "x"), topic("by-tag", "y", A)]
    assert matched(desired(a=Topic(name="t")), objects, {A: Entry("by-id", {})}) == {A: "by-tag"}


def test_the_id_goes_before_the_key_where_there_are_no_tags():
    """An untagged object that was renamed by hand is still the one that we made."""
    objects = [topic("by-key", "g"), topic("by-id", "renamed")]
    assert matched(desired(g=Group(name="g")), objects, {G: Entry("by-id", {})}) == {G: "by-id"}
    assert matched(desired(g=Group(name="g")), objects) == {G: "by-key"}


def test_an_id_of_the_state_does_not_claim_what_lost_its_tag_and_its_name():
    """A tagged type is recognised by tag or name, so that a recycled id cannot be taken over."""
    assert matched(desired(a=Topic(name="t")), [topic("by-id", "x")], {A: Entry("by-id", {})}) == {}


def test_of_two_objects_with_our_tag_the_one_applied_last_is_it():
    """The other one is left over, and will be found surplus."""
    objects = [topic("1", "t", A), topic("2", "t", A)]
    assert matched(desired(a=Topic(name="t")), objects, {A: Entry("2", {})}) == {A: "2"}
    assert matched(desired(a=Topic(name="t")), objects) == {A: "1"}


def test_of_two_objects_with_our_tag_the_one_that_need_not_be_replaced_is_it():
    """A replacement that was cut short has made it already; what the state remembers is the one that was to go."""
    wanted = desired(a=Subnet(vpc="vpc-1", cidr_block="10.0.2.0/24", availability_zone="us-east-1a"))
    (declaration,) = wanted
    ours = declaration.address
    objects = [
        Observed(f"subnet-{n}", {**declaration.values, "cidr_block": f"10.0.{n}.0/24"}, owner=ours) for n in (1, 2)
    ]
    found = match([declaration], objects, {ours: None}, State({ours: Entry("subnet-1", {})}, known=True))
    assert {address: observed.id for address, observed in found.items()} == {ours: "subnet-2"}


def test_an_object_is_matched_once():
    """Two addresses never share an object."""
    wanted = desired(a=Topic(name="t"), b=Topic(name="t"))
    assert matched(wanted, [topic("only")]) == {A: "only"}
    assert matched(wanted, [topic("only", owner=B)]) == {B: "only"}


def test_a_second_object_under_our_address_is_removed_as_one_too_many(rig):
    """What a doubled run would leave behind is reported by id and taken away."""
    wanted = desired(a=Topic(name="t"))
    rig.build(wanted)
    tags = [{"Key": "twin:owner", "Value": "acme/test"}, {"Key": "twin:address", "Value": str(A)}]
    twin = rig.aws.client("sns").create_topic(Name="doubled", Tags=tags)["TopicArn"]
    (change,) = rig.plan(wanted).plan.pending
    assert (change.action, change.id, change.surplus, change.reason) == ("delete", twin, True, "one too many")
    rig.apply(wanted)
    assert rig.pending(wanted) == {}
    assert [t["TopicArn"].rpartition(":")[2] for t in rig.aws.client("sns").list_topics()["Topics"]] == ["t"]


def test_a_foreign_object_of_the_wanted_name_is_a_problem_until_it_is_adopted(rig):
    """Nothing is taken over silently; `adopt` writes the tag and changes what differs."""
    wanted = desired(a=Topic(name="t", display_name="ours"))
    arn = rig.aws.client("sns").create_topic(Name="t")["TopicArn"]
    ((declaration, problem),) = rig.plan(wanted).problems
    assert (declaration.address, problem.code, problem.field) == (A, "TW0701", "name")
    assert rig.apply(wanted, adopt=True).good
    assert rig.pending(wanted) == {}
    tags = rig.aws.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert {"Key": "twin:address", "Value": str(A)} in tags


def test_an_object_of_another_environment_is_foreign(rig):
    """The tag of another owner is not ours: neither taken nor removed."""
    tags = [{"Key": "twin:owner", "Value": "acme/prod"}, {"Key": "twin:address", "Value": str(A)}]
    rig.aws.client("sns").create_topic(Name="t", Tags=tags)
    assert [p.code for _, p in rig.plan(desired(a=Topic(name="t"))).problems] == ["TW0701"]
    assert rig.pending(desired(b=Topic(name="other"))) == {str(B): "create"}
