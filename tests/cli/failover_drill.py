"""The failover drill: a Multi-AZ database of the served twin, whoever made it, changes its zone in its time."""

import boto3


def drill(shell, name):
    """Force a failover of a database, put the twin's clock forward, and find it in its other zone, told as events."""
    served = shell.served
    session = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1")
    rds = session.client("rds", endpoint_url=served["url"])

    def database():
        return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    before = database()
    rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
    assert database()["DBInstanceStatus"] != "available"
    assert shell("clock", "advance", "3m")[0] == 0
    after = database()
    assert after["DBInstanceStatus"] == "available"
    zones = ("AvailabilityZone", "SecondaryAvailabilityZone")
    assert [after[zone] for zone in zones] == [before[zone] for zone in reversed(zones)]
    told = rds.describe_events(SourceIdentifier=name, SourceType="db-instance", Duration=60)["Events"]
    assert any("failover completed" in event["Message"] for event in told)
