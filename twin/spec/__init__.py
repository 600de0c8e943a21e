"""The spec layer: YAML to typed intent, every value with its line and column."""

from twin.spec.load import Spec, load, parse
from twin.spec.model import Org
from twin.spec.schema import schema
from twin.spec.secrets import read_secret

__all__ = ["Org", "Spec", "load", "parse", "read_secret", "schema"]
