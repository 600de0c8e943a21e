"""Findings of the account's own product, and what EventBridge was told of findings."""

ACCOUNT, REGION = "123456789012", "us-east-1"
OWN = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"


def own(id_, **more):
    """A finding of the account's own product."""
    told = {"SchemaVersion": "2018-10-08", "Id": id_, "ProductArn": OWN, "GeneratorId": "scan", "AwsAccountId": ACCOUNT}
    told |= {"CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z", "Title": f"Title of {id_}"}
    told |= {"Description": "d", "Types": ["Software and Configuration Checks"], "Severity": {"Label": "HIGH"}}
    return told | {"Resources": [{"Type": "Other", "Id": f"thing-{id_}"}]} | more


def events(world):
    """What EventBridge was told of findings."""
    return [
        one.facts["detail"]["findings"][0]
        for one in world.scene.happenings
        if one.kind == "aws.event" and one.facts["detail_type"] == "Security Hub Findings - Imported"
    ]
