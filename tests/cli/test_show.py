"""`twin show --topology`: a picture of a saved folder."""

import json

import pytest
from served import raw

TOLD = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [
        {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a"}
    ],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": f"eni-{n}", "VpcId": "vpc-1", "SubnetId": "subnet-1",
            "PrivateIpAddress": f"10.0.0.{n}", "Attachment": {"InstanceId": f"i-{n}"},
        }
        for n in (8, 9)
    ],
}  # fmt: skip


@pytest.fixture
def folder(home):
    """A saved folder with two machines."""
    (home / "net").mkdir()
    (home / "net/all.json").write_text(json.dumps(TOLD))
    return home / "net"


def test_picture_is_drawn_in_both_forms(folder, twin, home):
    """To stdout or into a file, the same."""
    code, out, err = twin("show", "--topology", "--snapshot", folder)
    assert (code, out.startswith("<svg "), "i-9" in out) == (0, True, True), err
    assert twin("show", "--topology", "--snapshot", folder, "--save", "net.svg")[0] == 0
    assert (home / "net.svg").read_text() == out
    code, out, _ = twin("show", "--topology", "--snapshot", folder, "--format", "mermaid")
    assert (code, out.startswith("flowchart TB\n")) == (0, True)


def test_what_is_around_a_thing_is_drawn_as_text(folder, twin):
    """One step around a subnet, then two; what a fault takes is marked; a name and the form belong together."""
    near = ("show", "--topology", "--snapshot", folder, "--format", "text", "--near")
    code, out, err = twin(*near, "subnet-1")
    assert code == 0, err
    assert "┃ subnet-1 10.0.0.0/24 ┃" in out
    assert "instance i-8" in out
    assert "account" not in out
    assert "zone us-east-1a" in out
    assert "VPC" in twin(*near, "subnet-1", "--depth", "2")[1]
    assert "║ ✗ instance i-8 ║" in twin(*near, "subnet-1", "--without", "instance:i-8")[1]
    assert twin(*near, "nowhere")[0] == 2
    assert "--near NAME" in twin("show", "--topology", "--snapshot", folder, "--format", "text")[2]
    assert twin("show", "--topology", "--snapshot", folder, "--near", "i-8")[0] == 2


def test_overlays_are_drawn(folder, twin, home):
    """A fault's radius, a way of packets, what has changed."""
    assert (
        'class="instance dead"' in twin("show", "--topology", "--snapshot", folder, "--without", "zone:us-east-1a")[1]
    )
    out = twin("show", "--topology", "--snapshot", folder, "--path", "i-8", "i-9")[1]
    assert "instance i-8 to instance i-9: no egress rule" in out
    (home / "old").mkdir()
    (home / "old/all.json").write_text(json.dumps({**TOLD, "NetworkInterfaces": TOLD["NetworkInterfaces"][:1]}))
    assert 'class="instance added"' in twin("show", "--topology", "--snapshot", folder, "--before", "old")[1]


SPEC = raw("""\
aws.ec2.vpc:
  net: {cidr_block: 10.4.0.0/16, tags: {Name: net}}
aws.ec2.subnet:
  a: {vpc: "${aws.ec2.vpc.net.id}", cidr_block: 10.4.1.0/24, availability_zone: us-east-1a, tags: {Name: first}}
""")


def test_what_a_spec_would_change_is_marked(twin, home):
    """Against a folder of the same network nothing is new; another name is, and the old one is named."""
    (home / "spec.yaml").write_text(SPEC)
    assert twin("observe", "spec.yaml", "--save", "now")[0] == 0
    show = ("show", "--topology", "spec.yaml", "--snapshot", "now", "--planned")
    code, out, err = twin(*show)
    assert (code, ' added"' in out, "gone:" in out) == (0, False, False), err
    (home / "spec.yaml").write_text(SPEC.replace("Name: net}", "Name: office}"))
    code, out, _ = twin(*show)
    assert (code, 'class="vpc added"' in out, "gone: net" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--without", "zone:mars-1a"), "no zone here is called mars-1a"),
        (("--without", "zone:us-east-1a", "--path", "i-8", "i-9"), "at a time"),
        (("--path", "i-8", "i-7"), "did you mean"),
    ],
)
def test_wrong_usage_is_told(folder, twin, more, said):
    """Exit 2 with what is wrong."""
    code, _, err = twin("show", "--topology", "--snapshot", folder, *more)
    assert (code, said in err) == (2, True), err
