"""No code of a refusal comes from nowhere: a service's own model names it, or a list says where it was met."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest
from moto.core.utils import get_service_model

REFUSALS = Path(__file__).parents[2] / "twin" / "world" / "refusals"
# EC2's model has no errors, S3's few of them.
UNMODELLED = {"ec2", "s3"}
OTHERS = json.loads((REFUSALS / "further_codes.json").read_text("utf-8"))["codes"]


@cache
def errors(service):
    """Return the codes of the errors that a service's model has."""
    model = get_service_model(service)
    shapes = [model.shape_for(name) for name in model.shape_names]
    kept = [shape for shape in shapes if shape.type_name == "structure" and shape.metadata.get("exception")]
    return {name for shape in kept for name in (shape.name, shape.error_code)}


def told(source):
    """Return the services that a module is about, and the codes that it writes out."""
    found = {"refuses": set(), "Refusal": set()}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in found and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                found[node.func.id].add(first.value)
    return found["refuses"], found["Refusal"]


def unknown(source):
    """Return the codes of a module that no model of its services has, and no list tells of."""
    services, codes = told(source)
    if not services or services & UNMODELLED:
        return set()
    return codes - {code for service in services for code in errors(service)} - set(OTHERS)


@pytest.mark.parametrize("path", sorted(REFUSALS.glob("*.py")), ids=lambda path: path.stem)
def test_code_of_a_refusal_is_one_that_its_service_has(path):
    """By botocore's models, which AWS writes, and by the list of those that users met."""
    assert unknown(path.read_text("utf-8")) == set()


def test_code_that_no_service_has_is_found():
    """A slip of the pen is told, whereas a code of the model is not."""
    source = '@refuses("kms", "Sign")\ndef f(asked):\n    raise Refusal("{code}", "")\n'
    assert unknown(source.format(code="NotFoundExcepton")) == {"NotFoundExcepton"}
    assert unknown(source.format(code="NotFoundException")) == set()
