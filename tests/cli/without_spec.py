"""What is said of an org on the served twin that no spec describes: its ways, its weak places, a zone's loss."""

import json

import boto3
from played import zone_loss


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
    host = balancers["LoadBalancers"][0]["DNSName"]
    (folder / "play.yaml").write_text(zone_loss(host, "main", "us-east-1b", nat="us-east-1a"))
    code, told, err = shell("run", folder / "play.yaml", "--variants", "--from", folder / "kept", "--json")
    assert code == 0, (told, err)
    _, bad = json.loads(told)["results"]
    assert "payments.example is out of reach" in bad["figures"]["customers.because"]
