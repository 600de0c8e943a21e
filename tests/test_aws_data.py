"""botocore's data files are read once in a process, whoever asks."""

import boto3
from botocore.loaders import create_loader

from twin.aws_data import LOADER


def test_loaders_share_what_they_read():
    """A loader made by anybody gives the very shapes that ours gave; a session's clients use them too."""
    ours = LOADER.load_service_model("sqs", "service-2")
    theirs = create_loader().load_service_model("sqs", "service-2")
    assert theirs["shapes"] is ours["shapes"]
    model = boto3.session.Session("k", "s", region_name="us-east-1").client("sqs").meta.service_model
    assert model._service_description["shapes"] is ours["shapes"]


def test_a_file_that_is_not_there_is_none():
    """A missing file is the next search path's matter, as botocore wants it."""
    assert LOADER.file_loader.load_file("/nowhere/at/all") is None
