"""What is said of an org on the served twin that no spec describes: its ways, its weak places, a zone's loss."""

import json

import boto3

PLAY = """\
id: S8
title: Lose a zone of what Terraform built
spec: none.yaml
duration: 20m
requires: [rds-failover, target-health, zone-loss]
actors:
  customers:
    kind: customers
    with:
      host: BALANCER
      rate: 20
      requests:
        browse: {share: 80, needs: ["database:main"]}
        order: {share: 20, needs: ["outside:payments.example"], writes: ["database:main"]}
faults: {zone: {kind: zone-loss, with: {zone: us-east-1b}, at: 3m}}
expect:
  served: {figure: customers.settled_availability, at_least: 0.99}
  kept: {figure: customers.rpo, equals: 0}
effects: {asked: {figure: customers.requests, at_least: 5000}}
variants:
  zone-of-the-nat-gateway:
    title: The zone in which the one NAT gateway stands
    patch: {faults: {zone: {with: {zone: us-east-1a}}}}
"""


def verdicts(shell, folder):
    """Ask for ways and findings, and play a zone's loss on the twin as it is kept: what the one NAT gateway costs."""
    for goal, way in (("main", 0), ("web", 1)):
        told = shell("paths", "--network", "--from", "internet", "--to", goal, "--direct", "--exit-code")
        assert told[0] == way, (goal, told)
    code, told, err = shell("observe", "--findings", "--json")
    assert "network.zone" in told or "nat" in told.lower(), (code, told, err)
    served = shell.served
    session = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1")
    balancers = session.client("elbv2", endpoint_url=served["url"]).describe_load_balancers(Names=["web"])
    assert shell("snapshot", folder / "kept")[0] == 0
    (folder / "play.yaml").write_text(PLAY.replace("BALANCER", balancers["LoadBalancers"][0]["DNSName"]))
    code, told, err = shell("run", folder / "play.yaml", "--variants", "--from", folder / "kept", "--json")
    assert code == 0, (told, err)
    _, bad = json.loads(told)["results"]
    assert "payments.example is out of reach" in bad["figures"]["customers.because"]
