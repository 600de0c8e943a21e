"""`twin observe`: what is read and saved is what can be decided about."""

import json

import pytest
from served import raw

SPEC = raw("""\
aws.ec2.vpc:
  net: {cidr_block: 10.4.0.0/16}
aws.ec2.subnet:
  a: {vpc: "${aws.ec2.vpc.net.id}", cidr_block: 10.4.1.0/24, availability_zone: us-east-1a}
""")


@pytest.fixture
def spec(home):
    """A spec of one subnet."""
    (home / "spec.yaml").write_text(SPEC)
    return home / "spec.yaml"


def test_saved_folder_is_what_was_read(spec, twin, home):
    """From a spec alone; the folder can be looked at again, and not written over."""
    code, out, err = twin("observe", spec, "--save", "net", "--json")
    assert code == 0, err
    assert (home / "net/accounts/123456789012/us-east-1/describe-vpcs.json").exists()
    code, again, _ = twin("observe", "--snapshot", "net", "--json")
    assert (code, json.loads(again)["found"]) == (0, json.loads(out)["found"])
    assert json.loads(out)["found"]["VPCs"] == 2
    code, _, err = twin("observe", spec, "--save", "net")
    assert (code, "is not empty" in err) == (2, True), err


def test_nothing_to_look_at_is_a_usage_error(twin, home):
    """Without a spec, a folder or a running twin there is nothing; a folder without replies is named."""
    code, _, err = twin("observe")
    assert (code, "say what to look at" in err) == (2, True), err
    (home / "empty").mkdir()
    code, _, err = twin("observe", "--snapshot", "empty")
    assert (code, "holds no saved describe reply" in err) == (2, True), err


def test_findings_are_told_and_counted_by_the_exit_code(twin, home):
    """A group that lets everyone in by SSH; exit 1 only when asked for, and the same as data."""
    (home / "net").mkdir()
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    group = {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [rule], "IpPermissionsEgress": []}
    (home / "net/groups.json").write_text(json.dumps({"SecurityGroups": [group]}))
    code, out, _ = twin("observe", "--snapshot", "net", "--findings")
    assert (code, "network.admin-ports-open: sg-1 lets everyone in on tcp 22" in out) == (0, True), out
    code, out, _ = twin("observe", "--snapshot", "net", "--findings", "--json", "--exit-code")
    assert (code, [one["rule"] for one in json.loads(out)["findings"]]) == (1, ["network.admin-ports-open"])
    (home / "net/groups.json").write_text(json.dumps({"SecurityGroups": [{**group, "IpPermissions": []}]}))
    assert twin("observe", "--snapshot", "net", "--findings", "--exit-code")[:2] == (0, "nothing found\n")
