"""A world kept in bytes: restored elsewhere it answers as before, and foreign or old bytes are refused unread."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mounted import NOW, Clients
from trails import delivered, make_trail

from twin.clock import VirtualClock
from twin.errors import UsageError
from twin.world import snapshot
from twin.world.world import World

KEY = b"k" * 32


def furnish(clients):
    """Put something of many services into a world, keys and functions among it."""
    iam, s3, kms, sqs = clients("iam"), clients("s3"), clients("kms"), clients("sqs")
    iam.create_user(UserName="ann")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="k", Body=b"x" * 100)
    asymmetric = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    secret = kms.encrypt(KeyId=symmetric, Plaintext=b"hello")["CiphertextBlob"]
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="waiting")
    clients("ecr").create_repository(repositoryName="images")
    clients("ssm").put_parameter(Name="p", Value="v", Type="String")
    clients("acm").request_certificate(DomainName="example.com", ValidationMethod="DNS")
    clients("resourcegroupstaggingapi").get_resources()
    return asymmetric, secret, queue


def test_restored_world_answers_as_before_and_goes_on(clients, world, clock):
    """What was stored, who may call, what is to come and what was witnessed survive; ids go on from where they were."""
    trails = make_trail(clients)
    asymmetric, secret, queue = furnish(clients)
    session = clients("sts").get_session_token()["Credentials"]
    kept = snapshot.save(world, KEY, beside={"names": 1})
    expected = clients("iam").create_user(UserName="next")["User"]["UserId"]
    restored = snapshot.restore(kept, KEY, VirtualClock)
    assert (restored.time, restored.beside) == (NOW, {"names": 1})
    with pytest.raises(RuntimeError, match="closed"):
        world.settle() or clients("iam").list_users()
    later = Clients(restored.world)
    assert later("s3").get_object(Bucket="files", Key="k")["Body"].read() == b"x" * 100
    assert later("kms").decrypt(CiphertextBlob=secret)["Plaintext"] == b"hello"
    signed = later("kms").sign(KeyId=asymmetric, Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    assert signed["Signature"]
    assert later("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "waiting"
    assert later("iam").create_user(UserName="next")["User"]["UserId"] != ""
    assert expected
    held = later.world.keys.find(session["AccessKeyId"]).credentials
    assert later("sts", credentials=held).get_caller_identity()["Account"] == "123456789012"
    restored.world.agenda.leader.advance(900)
    assert "CreateUser" in {e["eventName"] for e in delivered(later)}
    assert trails.meta.service_model.service_name == "cloudtrail"
    assert len(list(restored.world.evidence.events(name="CreateUser"))) == 2


def test_agenda_and_memory_travel(world, clock):
    """A task that was to come in the old world comes in the new one, and choices go on."""
    world.agenda.after(60, "a", arn="x")
    world.scene.memory["kept"] = {"a": 1}
    first = world.scene.chance("c").random()
    kept = snapshot.save(world, KEY)
    second = world.scene.chance("c").random()
    restored = snapshot.restore(kept, KEY, VirtualClock).world
    assert [(e.task, e.told) for e in restored.agenda.entries()] == [("a", {"arn": "x"})]
    assert restored.scene.memory["kept"] == {"a": 1}
    assert first != second == restored.scene.chance("c").random()


def test_foreign_changed_and_old_snapshots_are_refused(world, monkeypatch):
    """Another key, a changed byte, another version and no snapshot at all: each is refused by what is wrong."""
    kept = snapshot.save(world, KEY)
    for broken, reason in (
        (kept[:-1] + bytes([kept[-1] ^ 1]), "changed"),
        (b"PK" + kept, "no snapshot"),
        (b"", "no snapshot"),
    ):
        with pytest.raises(UsageError, match=reason):
            snapshot.restore(broken, KEY, VirtualClock)
    with pytest.raises(UsageError, match="another key"):
        snapshot.restore(kept, b"j" * 32, VirtualClock)
    monkeypatch.setattr(snapshot, "versions", lambda: {"schema": 1, "twin": "9", "python": "3", "moto": "1"})
    with pytest.raises(UsageError, match=r"twin .* \(here 9\).*make it anew"):
        snapshot.restore(kept, KEY, VirtualClock)
    assert not world.closed


def test_another_process_restores_it(clients, world, tmp_path):
    """A process that never saw the world answers from it, and lets everybody do what they may and nothing else."""
    furnish(clients)
    allowed = {"Effect": "Allow", "Action": "sqs:Get*", "Resource": "arn:aws:sqs:us-east-1:*:q"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    clients("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    key = clients("iam").create_access_key(UserName="ann")["AccessKey"]
    file = tmp_path / "world"
    file.write_bytes(snapshot.save(world, KEY))
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", ELSEWHERE, str(file), here, key["AccessKeyId"], key["SecretAccessKey"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [["ann"], 200, "AccessDenied"]


ELSEWHERE = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
import twin.world
from twin.clock import VirtualClock
from twin.world import snapshot
sys.path.insert(0, sys.argv[2])
from mounted import Clients
from refused import refusal
clients = Clients(snapshot.restore(Path(sys.argv[1]).read_bytes(), b"k" * 32, VirtualClock).world)
url = clients("sqs").get_queue_url(QueueName="q")["QueueUrl"]
ann = SimpleNamespace(access_key_id=sys.argv[3], secret_access_key=sys.argv[4], session_token=None)
mine = clients("sqs", credentials=ann)
users = [user["UserName"] for user in clients("iam").list_users()["Users"]]
status = mine.get_queue_attributes(QueueUrl=url)["ResponseMetadata"]["HTTPStatusCode"]
print(json.dumps([users, status, refusal(mine.purge_queue, QueueUrl=url)[0]]))
"""


def test_world_made_twice_and_restored_gives_the_same_ids(clock):
    """A world that was kept and restored mints the ids that the unbroken one mints."""

    def ids(broken):
        world = World(5, VirtualClock(NOW))
        clients = Clients(world)
        clients("iam").create_user(UserName="a")
        if broken:
            clients = Clients(snapshot.restore(snapshot.save(world, KEY), KEY, VirtualClock).world)
        vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return vpc, clients("iam").create_user(UserName="b")["User"]["UserId"]

    assert ids(False) == ids(True)


def test_buckets_of_a_restored_world_are_found_by_other_accounts(clients, world):
    """Whose a bucket is survives, so that who is let in from another account still is."""
    clients("s3").create_bucket(Bucket="files")
    clients("s3").put_object(Bucket="files", Key="k", Body=b"x")
    statement = {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": "arn:aws:s3:::files/*"}]}
    clients("s3").put_bucket_policy(Bucket="files", Policy=json.dumps(policy))
    kept = snapshot.restore(snapshot.save(world, KEY), KEY, VirtualClock)
    theirs = Clients(kept.world)("s3", account="210987654321")
    assert theirs.get_object(Bucket="files", Key="k")["Body"].read() == b"x"
