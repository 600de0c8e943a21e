"""What is said of an org on the served twin that no spec describes: its ways, its weak places, a zone's loss."""

import json

import boto3
import pytest
from played import zone_loss

from twin.cli import run


def verdicts(shell, folder):
    """Ask for ways and findings, and play a zone's loss on the twin as it is kept: what the one NAT gateway costs."""
    for goal, way in (("main", 0), ("web", 1)):
        told = shell("paths", "--network", "--from", "internet", "--to", goal, "--direct", "--exit-code")
        assert told[0] == way, (goal, told)
    code, told, err = shell("observe", "--findings", "--json")
    assert "network.nat-per-zone" in {one["rule"] for one in json.loads(told)["findings"]}, (code, told, err)
    served = shell.served
    session = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1")
    balancers = session.client("elbv2", endpoint_url=served["url"]).describe_load_balancers(Names=["web"])
    assert shell("snapshot", folder / "kept")[0] == 0
    host = balancers["LoadBalancers"][0]["DNSName"]
    (folder / "play.yaml").write_text(zone_loss(host, "main", "us-east-1b", nat="us-east-1a"))
    report = folder / "told.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(shell.home))
        asked = ("run", folder / "play.yaml", "--variants", "--from", folder / "kept", f"--report=json={report}")
        code = run([str(one) for one in asked])
    _, bad = json.loads(report.read_text())["results"]
    assert code == 0, bad
    assert "payments.example is out of reach" in bad["figures"]["customers.because"]
