"""VPCs and internet gateways keep the resource contract on a real store."""

from twin.resources.aws.vpc import InternetGateway, Vpc


def test_vpc_lives_and_dies(bench):
    """A VPC is made, changed in place and deleted."""
    bench.lifecycle(
        "main",
        Vpc(cidr_block="10.0.0.0/16", tags={"team": "a"}),
        Vpc(cidr_block="10.0.0.0/16", dns_hostnames=False, tags={"team": "b"}),
    )


def test_gateway_follows_its_vpc(bench):
    """An internet gateway attaches to its VPC and moves to another one."""
    bench.create("one", Vpc(cidr_block="10.0.0.0/16"))
    bench.create("two", Vpc(cidr_block="10.1.0.0/16"))
    bench.lifecycle("main", InternetGateway(vpc="${aws.ec2.vpc.one.id}"), InternetGateway(vpc="${aws.ec2.vpc.two.id}"))
