"""Sharing: what another account is given it really uses, until it is taken back, and no analyzer overlooks it."""

import pytest
from refused import refusal

OURS, THEIRS = "123456789012", "210987654321"
VOLUME = "createVolumePermission"
ZONE = "us-east-1a"


@pytest.fixture
def sides(clients):
    """EC2 of the owner, EC2 of somebody else, and a snapshot of the owner's."""
    ours, theirs = clients("ec2", account=OURS), clients("ec2", account=THEIRS)
    volume = ours.create_volume(AvailabilityZone=ZONE, Size=10)["VolumeId"]
    return ours, theirs, ours.create_snapshot(VolumeId=volume)["SnapshotId"]


def test_a_shared_snapshot_is_seen_copied_and_used_until_it_is_taken_back(sides):
    """Before and after it is shared there is no such snapshot for the other account; what it copied it keeps."""
    ours, theirs, snapshot = sides

    def uses():
        return [
            refusal(theirs.describe_snapshots, SnapshotIds=[snapshot])[0],
            refusal(theirs.copy_snapshot, SourceRegion="us-east-1", SourceSnapshotId=snapshot)[0],
            refusal(theirs.create_volume, AvailabilityZone=ZONE, SnapshotId=snapshot)[0],
        ]

    assert set(uses()) == {"InvalidSnapshot.NotFound"}
    ours.modify_snapshot_attribute(SnapshotId=snapshot, Attribute=VOLUME, OperationType="add", UserIds=[THEIRS])
    (seen,) = theirs.describe_snapshots(RestorableByUserIds=["self"], OwnerIds=[OURS])["Snapshots"]
    assert (seen["SnapshotId"], seen["OwnerId"]) == (snapshot, OURS)
    mine = theirs.copy_snapshot(SourceRegion="us-east-1", SourceSnapshotId=snapshot)["SnapshotId"]
    assert theirs.create_volume(AvailabilityZone=ZONE, SnapshotId=snapshot)["Size"] == 10
    ours.reset_snapshot_attribute(SnapshotId=snapshot, Attribute=VOLUME)
    assert set(uses()) == {"InvalidSnapshot.NotFound"}
    owned = {one["SnapshotId"] for one in theirs.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    assert mine in owned
    assert snapshot not in owned


def test_whoever_is_given_a_snapshot_or_an_image_does_not_give_it_on(sides):
    """Permissions are the owner's to change."""
    ours, theirs, snapshot = sides
    image = ours.register_image(Name="golden")["ImageId"]
    ours.modify_snapshot_attribute(SnapshotId=snapshot, Attribute=VOLUME, OperationType="add", UserIds=[THEIRS])
    ours.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": THEIRS}]})
    more = {"SnapshotId": snapshot, "Attribute": VOLUME, "OperationType": "add", "GroupNames": ["all"]}
    assert refusal(theirs.modify_snapshot_attribute, **more)[0] == "InvalidSnapshot.NotFound"
    launch = {"ImageId": image, "LaunchPermission": {"Add": [{"Group": "all"}]}}
    assert refusal(theirs.modify_image_attribute, **launch)[0] == "AuthFailure"


def test_a_shared_image_is_launched_and_copied_until_it_is_taken_back(sides):
    """An image is for those of its launch permissions."""
    ours, theirs, _ = sides
    image = ours.register_image(Name="golden")["ImageId"]
    launch = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}
    assert refusal(theirs.run_instances, **launch)[0] == "InvalidAMIID.NotFound"
    ours.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": THEIRS}]})
    (seen,) = theirs.describe_images(ExecutableUsers=["self"], Owners=[OURS])["Images"]
    assert seen["ImageId"] == image
    assert theirs.run_instances(**launch)["Instances"][0]["ImageId"] == image
    theirs.copy_image(Name="mine", SourceImageId=image, SourceRegion="us-east-1")
    ours.reset_image_attribute(ImageId=image, Attribute="launchPermission")
    assert refusal(theirs.describe_images, ImageIds=[image])[0] == "InvalidAMIID.NotFound"


def test_an_encrypted_snapshot_is_never_public_and_under_the_default_key_never_shared(clients):
    """Only one under a key of one's own is shared with an account, which the twin does not copy."""
    ours, theirs = clients("ec2", account=OURS), clients("ec2", account=THEIRS)
    key = clients("kms", account=OURS).create_key()["KeyMetadata"]["Arn"]
    volumes = [
        ours.create_volume(AvailabilityZone=ZONE, Size=1, Encrypted=True, **kms)["VolumeId"]
        for kms in ({}, {"KmsKeyId": key})
    ]
    default, own = (ours.create_snapshot(VolumeId=volume)["SnapshotId"] for volume in volumes)
    asked = {"Attribute": VOLUME, "OperationType": "add"}
    everybody, them = {"GroupNames": ["all"]}, {"UserIds": [THEIRS]}
    for snapshot, who in ((default, everybody), (default, them), (own, everybody)):
        denied = refusal(ours.modify_snapshot_attribute, SnapshotId=snapshot, **asked, **who)
        assert denied[0] == "OperationNotPermitted"
    ours.modify_snapshot_attribute(SnapshotId=own, **asked, **them)
    copying = {"SourceRegion": "us-east-1", "SourceSnapshotId": own}
    assert refusal(theirs.copy_snapshot, **copying)[0] == "TwinUnsupportedOperation"


def test_an_analyzer_finds_shared_snapshots_of_disks_and_databases(clients, clock, sides):
    """A finding for each, over when the snapshots are taken back."""
    ours, _, snapshot = sides
    client, rds = clients("accessanalyzer", account=OURS), clients("rds", account=OURS)
    arn = client.create_analyzer(analyzerName="outside", type="ACCOUNT")["arn"]
    rds.create_db_instance(
        DBInstanceIdentifier="d", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="owner1", MasterUserPassword="not-a-secret-1",
    )  # fmt: skip
    clock.advance(1800)
    rds.create_db_snapshot(DBInstanceIdentifier="d", DBSnapshotIdentifier="nightly")
    clock.advance(1800)
    theirs, shown = clients("rds", account=THEIRS), f"arn:aws:rds:us-east-1:{OURS}:snapshot:nightly"
    disk = {"SnapshotId": snapshot, "Attribute": VOLUME, "UserIds": [THEIRS]}
    database = {"DBSnapshotIdentifier": "nightly", "AttributeName": "restore"}

    def active():
        clock.advance(1801)
        found = client.list_findings(analyzerArn=arn, filter={"status": {"eq": ["ACTIVE"]}})["findings"]
        return {(one["resourceType"], one["principal"]["AWS"]) for one in found}

    assert active() == set()
    ours.modify_snapshot_attribute(OperationType="add", **disk)
    rds.modify_db_snapshot_attribute(**database, ValuesToAdd=[THEIRS])
    assert active() == {("AWS::EC2::Snapshot", THEIRS), ("AWS::RDS::DBSnapshot", THEIRS)}
    for asked in ({"IncludeShared": True}, {"SnapshotType": "shared", "DBSnapshotIdentifier": shown}):
        (seen,) = theirs.describe_db_snapshots(**asked)["DBSnapshots"]
        assert seen["DBSnapshotArn"] == shown
    ours.modify_snapshot_attribute(OperationType="remove", **disk)
    rds.modify_db_snapshot_attribute(**database, ValuesToRemove=[THEIRS])
    assert active() == set()
    assert theirs.describe_db_snapshots(IncludeShared=True)["DBSnapshots"] == []
    assert refusal(theirs.describe_db_snapshots, DBSnapshotIdentifier=shown, IncludeShared=True)[1] == 404
