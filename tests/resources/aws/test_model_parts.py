"""A client made of the part of a service's model that an earlier run used is as good as one of the whole."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import OperationNotPageableError

from twin.aws_data import LOADER
from twin.cli import kept_models
from twin.clock import VirtualClock
from twin.engine.workspace import Workspace
from twin.resources.aws import api
from twin.resources.aws.api import AwsSystem
from twin.resources.aws.model_parts import MODEL, PartLoader, named_reads
from twin.resources.call import Refused, aws
from twin.world.server import serve
from twin.world.world import EPOCH, World

READS = [
    replace(aws("ec2", "DescribeVpcs", {"Filters": [{"Name": "is-default", "Values": ["false"]}]}), pages=True),
    aws("sns", "ListTopics"),
    aws("s3", "GetBucketVersioning", {"Bucket": "lake"}),
    aws("iam", "GetAccountAuthorizationDetails", {"Filter": ["Role"]}),
]


@pytest.fixture(scope="module")
def served():
    """A served world with one of each, and its keys."""
    world = World(3, VirtualClock(EPOCH))
    keys = world.credentials()
    told = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key}
    with serve(world.handle) as server:
        made = {"region": "us-east-1", "endpoint_url": server.url, **told}
        system = AwsSystem(**made)
        for call in (
            aws("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"}),
            aws("sns", "CreateTopic", {"Name": "news"}),
            aws("s3", "CreateBucket", {"Bucket": "lake"}),
        ):
            system.execute(call)
        yield made
    world.close()


@pytest.fixture
def another(served, monkeypatch):
    """Return clients as another process has them, told of parts."""

    def make(parts):
        loader = PartLoader()
        loader.tell(json.loads(json.dumps(parts)))
        monkeypatch.setattr(api, "PARTS", loader)
        return AwsSystem(**served), loader

    return make


def told(system):
    """Return what the reads tell, without what is new in each reply."""
    return [{k: v for k, v in system.execute(call).items() if k != "ResponseMetadata"} for call in READS]


def test_a_part_tells_what_the_whole_tells_and_nobody_loads_that(another, monkeypatch):
    """The second process reads the same, pages and all, and its part needs nothing more."""
    system, loader = another({})
    expected = told(system)
    parts = loader.more()
    assert expected[1]["Topics"]
    assert {name: sorted(part["operations"]) for name, part in parts.items()}["ec2"] == ["DescribeVpcs"]
    assert len(json.dumps(parts)) < 100_000
    system, loader = another(parts)
    whole = LOADER.load_service_model
    monkeypatch.setattr(LOADER, "load_service_model", lambda name, kind, *v: kind != MODEL and whole(name, kind, *v))
    assert told(system) == expected
    assert loader.more() == {}


def test_what_a_part_lacks_is_had_from_the_whole(another):
    """Another operation is carried out, by a client that others share, and is in what is kept from then on."""
    system, loader = another({})
    told(system)
    system, loader = another(loader.more())
    told(system)
    assert system.execute(aws("ec2", "CreateVpc", {"CidrBlock": "10.1.0.0/16"}))["Vpc"]["CidrBlock"] == "10.1.0.0/16"
    assert told(system)[1]["Topics"]
    assert sorted(loader.more()["ec2"]["operations"]) == ["CreateVpc", "DescribeVpcs"]
    assert sorted(loader.more()["sns"]["operations"]) == ["ListTopics"]
    with pytest.raises(Refused):
        system.execute(aws("sns", "GetTopicAttributes", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none"}))


def test_what_an_apply_keeps_has_the_reads_that_its_types_name(another):
    """Of a service that it used, and of that alone: the next plan reads what was made without the whole model."""
    system, loader = another({})
    system.execute(aws("sns", "ListTopics"))
    parts = loader.more(named_reads())
    assert list(parts) == ["sns"]
    assert {"GetTopicAttributes", "ListTopics"} <= parts["sns"]["operations"].keys()
    assert "Publish" not in parts["sns"]["operations"]
    system, loader = another(parts)
    arn = system.execute(aws("sns", "ListTopics"))["Topics"][0]["TopicArn"]
    assert system.execute(aws("sns", "GetTopicAttributes", {"TopicArn": arn}))["Attributes"]["TopicArn"] == arn
    assert loader.more(named_reads()) == {}


def test_each_client_made_of_a_part_is_made_anew(another, served):
    """Two systems of one process, whose clients were made before one of them needed more, both go on."""
    system, loader = another({})
    told(system)
    system, loader = another(loader.more())
    beside = AwsSystem(**served)
    assert told(beside) == told(system)
    for one in (system, beside, system):
        assert one.execute(aws("ec2", "DescribeSubnets"))["Subnets"]
        assert told(one)


def test_whoever_asks_for_a_client_has_a_whole_one(another):
    """Its methods are all there, although a call was sent by a part of it before."""
    system, loader = another({})
    told(system)
    system, loader = another(loader.more())
    told(system)
    assert system.client("ec2").describe_subnets()["Subnets"]
    with pytest.raises(OperationNotPageableError):
        system.client("sns").get_paginator("create_topic")


def test_parts_are_kept_under_the_users_seal(another, tmp_path, monkeypatch):
    """They are found again by the same program; what somebody changed is not read."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    (tmp_path / ".twin").mkdir()
    home = Workspace(tmp_path / ".twin")
    system, loader = another({})
    told(system)
    monkeypatch.setattr(kept_models, "PARTS", loader)
    kept_models.keep_models(home)
    (file,) = (tmp_path / ".twin" / "specs").iterdir()
    for change, found in ((b"", True), (b" ", False)):
        file.write_bytes(file.read_bytes() + change)
        fresh = PartLoader()
        monkeypatch.setattr(kept_models, "PARTS", fresh)
        kept_models.recall_models(home)
        assert bool(fresh._parts) is found
    assert file.stat().st_mode & 0o077 == 0
