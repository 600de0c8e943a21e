"""`twin paths --network`: hop tables, openings, exit codes, JSON."""

import json

import pytest

OPEN = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}],
    "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
    "RouteTables": [
        {
            "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": True}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}],
        }
    ],
    "SecurityGroups": [
        {
            "GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissionsEgress": [],
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
        }
    ],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1"}],
            "PrivateIpAddresses": [
                {"PrivateIpAddress": "10.0.0.9", "Association": {"PublicIp": "198.51.100.9"}}
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def folder(home):
    """A saved folder with one machine that is open to the world on port 22."""
    (home / "net").mkdir()
    for kind, listed in OPEN.items():
        (home / "net" / f"{kind}.json").write_text(json.dumps({kind: listed}))
    return home / "net"


def test_hops_and_break_are_shown(folder, twin):
    """Each hop with its rule, what would end it; exit 1 only when asked for."""
    asked = ("paths", "--network", "--snapshot", folder, "--from", "internet", "--to", "eni-1")
    code, out, err = twin(*asked, "--exit-code")
    assert code == 1, err
    assert "sg-1 ingress tcp 22 from 0.0.0.0/0" in out
    assert "break here" in out
    assert "back  " in out
    assert twin(*asked)[0] == 0
    code, out, _ = twin(*asked, "--port", "443", "--exit-code")
    assert (code, "no way (denied_in" in out) == (0, True)


def test_openings_are_listed_without_a_goal(folder, twin):
    """All that the internet reaches, as text and as JSON."""
    code, out, _ = twin("paths", "--network", "--snapshot", folder, "--from", "internet", "--json")
    [found] = json.loads(out)["openings"]
    assert (code, found["address"], found["service"], found["everyone"]) == (0, "198.51.100.9", "tcp 22", True)
    code, out, _ = twin("paths", "--network", "--snapshot", folder, "--from", "internet", "--exit-code")
    assert (code, "tcp 22  everyone  eni-1" in out) == (1, True)


def test_json_has_legs_and_break(folder, twin):
    """The same as data."""
    code, out, _ = twin("paths", "--network", "--snapshot", folder, "--from", "internet", "--to", "eni-1", "--json")
    [found] = json.loads(out)["passages"]
    assert (code, found["open"], found["legs"][0]["disposition"], found["legs"][0]["returns"]) == (
        0, True, "accepted", True
    )  # fmt: skip
    [rule] = found["break"]["rules"]
    assert rule == {"layer": "security group ingress", "rule": "sg-1 ingress tcp 22 from 0.0.0.0/0"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--from", "eni-1"), "--to is wanted"),
        (("--from", "internet", "--to", "eni-2"), "did you mean eni-1?"),
        (("--from", "internet", "--to", "eni-1", "--port", "ssh"), "is no port"),
    ],
)
def test_wrong_usage_is_told(folder, twin, more, said):
    """Exit 2 with what is wrong."""
    code, _, err = twin("paths", "--network", "--snapshot", folder, *more)
    assert (code, said in err) == (2, True), err


def test_principals_still_need_a_spec(twin):
    """Without --network a spec and a goal are wanted."""
    code, _, err = twin("paths", "--from", "ann", "--to", "admin")
    assert (code, "SPEC and --to are wanted" in err) == (2, True), err
