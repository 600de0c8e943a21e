"""The bundled org: every environment is right, complete, and traceable to its lines."""

import pytest

from tests.blueprints.built import ROOT, Built
from twin.blueprints.compile import compile_spec
from twin.engine.graph import order
from twin.spec.load import load

SPEC = ROOT / "specs" / "mini-org.yaml"


def mini_org(environment: str) -> Built:
    """Compile one environment of the bundled org, without anything from the process's environment."""
    spec = load(SPEC, environment, environ={})
    return Built(spec, *compile_spec(spec))


@pytest.fixture(scope="module", params=["prod", "staging", "dev"])
def org(request: pytest.FixtureRequest) -> Built:
    """Each environment in turn."""
    return mini_org(request.param)


def test_every_environment_is_as_the_vendors_take_it(org: Built) -> None:
    """Nothing that a vendor refuses."""
    assert org.problems() == []


def test_every_resource_points_to_the_line_that_causes_it(org: Built) -> None:
    """The origin stands in the spec; the origins of fields begin in it."""
    for declaration in org.desired:
        assert declaration.origin, declaration.address
        assert org.spec.root.find(declaration.origin) is not None, declaration.address
        for field, path in declaration.origins.items():
            assert field in type(declaration.resource).model_fields, (declaration.address, field)
            assert org.spec.root.find(path[:1]) is not None, (declaration.address, field)


def test_resources_depend_on_one_another_without_a_circle(org: Built) -> None:
    """There is an order in which all can be made."""
    assert len(order(org.desired)) == len(org.desired)


def test_production_is_large_and_of_many_types() -> None:
    """At least 150 resources of at least 60 types."""
    desired = mini_org("prod").desired
    assert len(desired) >= 150
    assert len({d.address.type for d in desired}) >= 60


def test_other_environments_are_cheaper() -> None:
    """One NAT gateway, a database in one zone, no organization; nobody signs in to dev."""
    for name in ("staging", "dev"):
        built = mini_org(name)
        assert built.names("aws.ec2.nat_gateway") == ["a"]
        assert not built.get("aws.rds.instance", "orders").multi_az
        assert built.names("aws.organizations.organization") == []
    assert not [d for d in mini_org("dev").desired if d.address.system != "aws"]


def test_the_uploader_has_a_key_in_a_secret_and_one_bucket_to_write_to() -> None:
    """What key rotation is about."""
    built = mini_org("prod")
    assert built.get("aws.iam.access_key", "uploader-key").user == "${aws.iam.user.uploader.id}"
    written = [s for s in built.get("aws.iam.policy", "uploader").policy["Statement"] if "s3:PutObject" in s["Action"]]
    assert [s["Resource"] for s in written] == ["arn:aws:s3:::acme-prod-lake-111122223333/*"]


def test_compiling_twice_gives_the_same() -> None:
    """Names, blocks and documents are the spec's alone."""
    first, second = mini_org("prod").desired, mini_org("prod").desired
    assert [(d.address, d.values) for d in first] == [(d.address, d.values) for d in second]
