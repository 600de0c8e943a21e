"""botocore's data files are read once in a process; moto has its own, with what it adds to them."""

from moto.core.utils import get_service_model

import twin.world.stores.moto_store  # noqa: F401 - gives moto a loader of its own
from twin.aws_data import LOADER
from twin.resources.aws.api import AwsSystem
from twin.resources.call import aws
from twin.wire import Response


def system():
    """Return AWS as somebody with keys sees it, answered without a word."""
    return AwsSystem(region="us-east-1", access_key_id="k", secret_access_key="s", handle=lambda _: Response(200))


def test_all_clients_share_what_was_read():
    """Clients of different keys have the very shapes that the loader gives."""
    ours = LOADER.load_service_model("sqs", "service-2")["shapes"]
    for _ in range(2):
        assert system().client("sqs").meta.service_model._service_description["shapes"] is ours


def test_what_clients_of_s3_change_is_not_motos():
    """A call takes the bucket out of the paths of the clients' model; moto's has it still."""
    made = system()
    made.execute(aws("s3", "CreateBucket", {"Bucket": "data"}))
    ours = made.client("s3").meta.service_model.operation_model("CreateBucket").http["requestUri"]
    assert (ours, get_service_model("s3").operation_model("CreateBucket").http["requestUri"]) == ("", "/{Bucket}")


def test_what_moto_adds_to_a_model_is_its_own():
    """Its model of S3 has an error that AWS's has not; clients do not see it."""
    assert "PreconditionFailed" in get_service_model("s3")._service_description["shapes"]
    assert "PreconditionFailed" not in LOADER.load_service_model("s3", "service-2")["shapes"]


def test_a_file_that_is_not_there_is_none():
    """A missing file is the next search path's matter, as botocore wants it."""
    assert LOADER.file_loader.load_file("/nowhere/at/all") is None


def test_models_are_read_without_what_they_tell_people():
    """No operation, shape or member has its text, which is much of a model."""
    model = LOADER.load_service_model("iam", "service-2")
    members = [one for shape in model["shapes"].values() for one in shape.get("members", {}).values()]
    told = [*model["operations"].values(), *model["shapes"].values(), *members]
    assert len(told) > 500
    assert not [one for one in told if "documentation" in one]
