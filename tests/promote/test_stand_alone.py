"""Each environment of the bundled pipeline stands on a twin of its own, also where another one keeps the repository."""

from dataclasses import replace

import pytest

from twin.blueprints.compile import compile_spec
from twin.errors import TargetError
from twin.scenario.kept import stand
from twin.spec.load import parse
from twin.spec.shipped import folder


@pytest.mark.parametrize("environment", ["staging", "dev"])
def test_an_environment_stands_without_the_home_of_its_repository(environment):
    """The twin has the repository from the start, as its spec tells; without that GitHub has no place for it."""
    file = folder("specs") / "pipeline-org.yaml"
    desired, scope = compile_spec(parse(file.read_bytes(), file, environment, environ={}))
    assert scope.github_repositories == "infra"
    stood = stand(desired, scope, seed=0, read_secret=str, shelf=None)
    assert {str(a) for a in stood.state.entries} >= {f"github.environment.{environment}"}
    with pytest.raises(TargetError, match=f"PUT /repos/reed/infra/environments/{environment}: 404"):
        stand(desired, replace(scope, github_repositories=""), seed=0, read_secret=str, shelf=None)
