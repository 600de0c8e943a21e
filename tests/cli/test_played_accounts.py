"""The twin of an org plays the accounts that its spec names, on the plan that they are on."""

import pytest

from twin.cli.commands.serve import command as serve
from twin.cli.commands.up import PLAYED
from twin.cli.compiled import compile_file
from twin.clock import VirtualClock
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

SPEC = """
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "222233334444", alias: acme, region: eu-central-1}
cloudflare: {account: fedcba9876543210fedcba9876543210, plan: PLAN}
okta: {org_url: https://acme.okta.com}
auth0: {domain: acme.eu.auth0.com}
github: {organization: acme}
edge: {zone: acme.example}
"""


@pytest.fixture
def scope(home, request):
    """The accounts of a spec whose zone is on the plan of the parameter."""
    (home / "org.yaml").write_text(SPEC.replace("PLAN", request.param), encoding="utf-8")
    return compile_file(home / "org.yaml", None).scope


@pytest.mark.parametrize("scope", ["free", "pro"], indirect=True)
def test_a_world_is_on_the_plan_of_the_spec(scope, request):
    """An apply buys no plan, so a twin that is always on the free one would never be as the spec wants it."""
    world = make_world(scope, seed=0, clock=VirtualClock(EPOCH))
    assert world.cloudflare.zone_plan == request.node.callspec.params["scope"]


@pytest.mark.parametrize("scope", ["business"], indirect=True)
def test_a_served_twin_is_told_all_of_the_scope(scope):
    """What `twin up` hands to `twin serve` arrives there under the same names."""
    told = [f"--{name.replace('_', '-')}={getattr(scope, name)}" for name in PLAYED]
    params = serve.make_context("serve", told).params
    assert {name: params[name] for name in PLAYED} == {name: getattr(scope, name) for name in PLAYED}
    assert (params["cloudflare_plan"], params["region"]) == ("business", "eu-central-1")
