"""AWS Config: what changed is recorded while the recorder runs, and managed rules judge it."""

import json
from datetime import timedelta

import pytest
from refused import refusal
from trails import make_trail

from twin.world.authorisation.mfa import code_at

DAY = 86400


@pytest.fixture
def config(clients):
    """A client of AWS Config whose recorder records everything."""
    made = clients("config")
    role = "arn:aws:iam::123456789012:role/config"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    made.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group})
    clients("s3").create_bucket(Bucket="config")
    made.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config"})
    made.start_configuration_recorder(ConfigurationRecorderName="default")
    return made


def put_rule(config, source, **parameters):
    """Put a managed rule under the name `rule`."""
    rule = {"ConfigRuleName": "rule", "Source": {"Owner": "AWS", "SourceIdentifier": source}}
    if parameters:
        rule["InputParameters"] = json.dumps(parameters)
    config.put_config_rule(ConfigRule=rule)


def compliance(config):
    """Return what the rule says."""
    reply = config.describe_compliance_by_config_rule(ConfigRuleNames=["rule"])
    return reply["ComplianceByConfigRules"][0]["Compliance"]["ComplianceType"]


def found(config, kind="NON_COMPLIANT"):
    """Return the resources of which the rule says so."""
    reply = config.get_compliance_details_by_config_rule(ConfigRuleName="rule", ComplianceTypes=[kind])
    return [
        result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]
        for result in reply["EvaluationResults"]
    ]


def history(config, kind, id_):
    """Return the states of a resource, oldest first."""
    items = config.get_resource_config_history(resourceType=kind, resourceId=id_)["configurationItems"]
    return [(item["configurationItemStatus"], json.loads(item["configuration"])) for item in reversed(items)]


def test_recorder_writes_down_what_changes_while_it_runs(clients, clock, config):
    """Discovered, changed, deleted; what happens while it is stopped is not written."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="data")
    assert refusal(history, config, "AWS::S3::Bucket", "data") == ("ResourceNotDiscoveredException", 400)
    clock.advance(181)
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    clock.advance(181)
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Suspended"})
    clock.advance(181)
    states = [(status, told.get("versioning")) for status, told in history(config, "AWS::S3::Bucket", "data")]
    assert states == [("ResourceDiscovered", "Off"), ("OK", "Enabled")]
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    s3.delete_bucket(Bucket="data")
    clock.advance(181)
    assert history(config, "AWS::S3::Bucket", "data")[-1] == ("ResourceDeleted", {})
    listed = config.list_discovered_resources(resourceType="AWS::S3::Bucket")["resourceIdentifiers"]
    assert [item["resourceId"] for item in listed] == ["config"]


def open_group(clients, cidr):
    """Make a security group that lets SSH in from a range."""
    ec2 = clients("ec2")
    group = ec2.create_security_group(GroupName="ssh", Description="ssh")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=20, ToPort=30, CidrIp=cidr)
    return group


def public_bucket(clients, name):
    """Make a bucket that everybody may read."""
    s3 = clients("s3")
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return s3


def test_public_bucket_breaks_its_rule_until_it_is_closed(clients, clock, config, world):
    """The change is noticed in minutes, and told as an event."""
    put_rule(config, "S3_BUCKET_PUBLIC_READ_PROHIBITED")
    s3 = public_bucket(clients, "open")
    clock.advance(400)
    assert found(config) == ["open"]
    assert compliance(config) == "NON_COMPLIANT"
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket="open", PublicAccessBlockConfiguration=block)
    clock.advance(400)
    assert (found(config), compliance(config)) == ([], "COMPLIANT")
    told = [
        happening.facts["detail"]["newEvaluationResult"]["complianceType"]
        for happening in world.scene.happenings
        if happening.kind == "aws.event"
        and happening.facts["detail_type"] == "Config Rules Compliance Change"
        and happening.facts["detail"]["resourceId"] == "open"
    ]
    assert told == ["NON_COMPLIANT", "COMPLIANT"]


def test_open_ssh_breaks_its_rule(clients, clock, config):
    """From everywhere it does, from one network it does not."""
    put_rule(config, "INCOMING_SSH_DISABLED")
    group = open_group(clients, "0.0.0.0/0")
    clock.advance(400)
    assert found(config) == [group]
    ec2 = clients("ec2")
    ec2.revoke_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=20, ToPort=30, CidrIp="0.0.0.0/0")
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8")
    clock.advance(400)
    assert found(config) == []


def test_databases_and_versioning_are_judged(clients, clock, config):
    """One database is encrypted and one is not; a bucket has no versions."""
    rds = clients("rds")
    for name, encrypted in (("a", True), ("b", False)):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            MasterUsername="u",
            MasterUserPassword="long-enough-1",
            AllocatedStorage=20,
            StorageEncrypted=encrypted,
        )
    put_rule(config, "RDS_STORAGE_ENCRYPTED")
    clock.advance(400)
    assert (len(found(config)), len(found(config, "COMPLIANT"))) == (1, 1)
    put_rule(config, "S3_BUCKET_VERSIONING_ENABLED")
    clock.advance(400)
    assert found(config) == ["config"]


def test_old_access_key_breaks_its_rule_by_time_alone(clients, clock, config, world):
    """Nothing changes for ninety days; then the key is too old, and thereafter nothing is left to look at."""
    iam = clients("iam")
    iam.create_user(UserName="ci")
    iam.create_access_key(UserName="ci")
    put_rule(config, "ACCESS_KEYS_ROTATED", maxAccessKeyAge="90")
    clock.advance(400)
    assert compliance(config) == "COMPLIANT"
    clock.advance(89 * DAY)
    assert compliance(config) == "COMPLIANT"
    clock.advance(2 * DAY)
    assert compliance(config) == "NON_COMPLIANT"
    clock.advance(2 * DAY)
    world.settle()
    assert world.agenda.entries() == []


def test_daily_rule_notices_on_its_next_day(clients, clock, config):
    """A user with a device complies a day later, not at once."""
    iam = clients("iam")
    iam.create_user(UserName="a")
    put_rule(config, "IAM_USER_MFA_ENABLED")
    clock.advance(400)
    assert compliance(config) == "NON_COMPLIANT"
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="a")["VirtualMFADevice"]
    shown = [code_at(device["Base32StringSeed"].decode(), clock.now() + timedelta(seconds=n)) for n in (-30, 0)]
    codes = dict(zip(("AuthenticationCode1", "AuthenticationCode2"), shown, strict=True))
    iam.enable_mfa_device(UserName="a", SerialNumber=device["SerialNumber"], **codes)
    clock.advance(timedelta(hours=23).total_seconds())
    assert compliance(config) == "NON_COMPLIANT"
    clock.advance(timedelta(hours=1).total_seconds())
    assert compliance(config) == "COMPLIANT"


MULTI = {"IsMultiRegionTrail": True}


@pytest.mark.parametrize(
    ("source", "settings"), [("CLOUD_TRAIL_ENABLED", {}), ("MULTI_REGION_CLOUD_TRAIL_ENABLED", MULTI)]
)
def test_trail_makes_the_account_comply(clients, clock, config, source, settings):
    """Without a trail it does not, with one of the kind it does."""
    put_rule(config, source)
    clock.advance(400)
    assert found(config) == ["123456789012"]
    make_trail(clients, **settings)
    clock.advance(DAY)
    assert compliance(config) == "COMPLIANT"


def test_rule_that_the_twin_does_not_know_has_too_little_data(clock, config):
    """It is kept, never evaluated, and says so."""
    put_rule(config, "EC2_STOPPED_INSTANCE")
    clock.advance(DAY)
    assert compliance(config) == "INSUFFICIENT_DATA"
    assert found(config) == []


def test_stopped_recorder_evaluates_nothing(clients, clock, config, world):
    """What breaks the rule meanwhile is not found."""
    put_rule(config, "INCOMING_SSH_DISABLED")
    clock.advance(400)
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    open_group(clients, "0.0.0.0/0")
    clock.advance(DAY)
    assert compliance(config) == "COMPLIANT"
    assert world.agenda.entries() == []


def test_what_is_not_recorded_is_refused_by_name(config):
    """A type that is not recorded, a query language that is not spoken, a rule that is not there."""
    unsupported = ("TwinUnsupportedOperation", 400)
    assert refusal(config.list_discovered_resources, resourceType="AWS::Lambda::Function") == unsupported
    assert refusal(config.select_resource_config, Expression="SELECT resourceId") == unsupported
    refused = refusal(config.describe_compliance_by_config_rule, ConfigRuleNames=["none"])
    assert refused == ("NoSuchConfigRuleException", 400)
