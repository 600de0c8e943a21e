"""EC2 finds the tags of one object without a look through those of all."""

from moto.ec2.models.tags import TagBackend


def test_each_object_tells_its_own_tags_and_costs_no_look_at_the_others(clients, monkeypatch):
    """DescribeVpcs tells of each what DescribeTags does, which alone looks through all."""
    ec2 = clients("ec2")
    made = [ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in range(3)]
    ec2.create_tags(Resources=made[:2], Tags=[{"Key": "team", "Value": "blue"}, {"Key": "a.b", "Value": "*"}])
    ec2.create_tags(Resources=made[1:], Tags=[{"Key": "team", "Value": "red"}])
    ec2.delete_tags(Resources=made[:1], Tags=[{"Key": "a.b"}])
    kept = {one: {} for one in made}
    for tag in ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": made}])["Tags"]:
        kept[tag["ResourceId"]][tag["Key"]] = tag["Value"]
        assert tag["ResourceType"] == "vpc"
    looks, whole = [], TagBackend.describe_tags
    monkeypatch.setattr(TagBackend, "describe_tags", lambda *args, **named: looks.append(1) or whole(*args, **named))
    told = {vpc["VpcId"]: vpc.get("Tags", []) for vpc in ec2.describe_vpcs(VpcIds=made)["Vpcs"]}
    assert {vpc: {tag["Key"]: tag["Value"] for tag in tags} for vpc, tags in told.items()} == kept
    assert kept[made[1]] == {"team": "red", "a.b": "*"}
    red = ec2.describe_vpcs(Filters=[{"Name": "tag:team", "Values": ["red"]}])["Vpcs"]
    assert [vpc["VpcId"] for vpc in red] == made[1:]
    assert looks == []
