"""botocore's data files are read once in a process, whoever asks."""

import boto3
from botocore.awsrequest import AWSResponse
from botocore.loaders import create_loader

from tests.world.mounted import Raw
from twin.aws_data import LOADER


def test_loaders_share_what_they_read():
    """A loader made by anybody gives the very shapes that ours gave; a session's clients use them too."""
    ours = LOADER.load_service_model("sqs", "service-2")
    theirs = create_loader().load_service_model("sqs", "service-2")
    assert theirs["shapes"] is ours["shapes"]
    model = boto3.session.Session("k", "s", region_name="us-east-1").client("sqs").meta.service_model
    assert model._service_description["shapes"] is ours["shapes"]


def test_what_clients_of_s3_change_is_theirs_alone():
    """A call takes the bucket out of the paths of the client's model; moto's has it still."""
    client = boto3.session.Session("k", "s", region_name="us-east-1").client("s3")
    client.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Raw()))
    client.create_bucket(Bucket="data")
    ours = client.meta.service_model.operation_model("CreateBucket").http["requestUri"]
    theirs = create_loader().load_service_model("s3", "service-2")["operations"]["CreateBucket"]["http"]["requestUri"]
    assert (ours, theirs) == ("", "/{Bucket}")


def test_a_file_that_is_not_there_is_none():
    """A missing file is the next search path's matter, as botocore wants it."""
    assert LOADER.file_loader.load_file("/nowhere/at/all") is None
