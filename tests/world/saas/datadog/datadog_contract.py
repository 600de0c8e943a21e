"""Datadog's own OpenAPI documents, by which refusals are held too."""

from vendor_contract import Contract

from twin.world.saas.datadog import server  # noqa: F401 - binds the operations
from twin.world.saas.datadog.state import ROUTER

CONTRACT = Contract(("datadog-v1", "datadog-v2"), ROUTER)
