"""The Cloudflare client on the wire: envelopes, pages by number, count and cursor, errors with their chain."""

import pytest
import responses

from twin.resources.call import Refused, cloudflare
from twin.resources.cloudflare.api import CloudflareSystem

URL = "https://api.cloudflare.com/client/v4"
ZONES = f"{URL}/zones"


@pytest.fixture
def system():
    """A client without a server behind it."""
    return CloudflareSystem(URL, "token")


def page(items, **info):
    """Wrap items as the API does."""
    return {"success": True, "errors": [], "messages": [], "result": items, "result_info": info}


PAGINGS = {
    "total_pages": [{"page": 1, "total_pages": 2}, {"page": 2, "total_pages": 2}],
    "total_count": [{"page": 1, "per_page": 1, "total_count": 2}, {"page": 2, "per_page": 1, "total_count": 2}],
    "cursors": [{"cursors": {"after": "x"}}, {"cursors": {}}],
}


@responses.activate
@pytest.mark.parametrize("kind", PAGINGS)
def test_pages_are_fetched_until_the_last(system, kind):
    """Items of all pages come as one list, however the API counts them."""
    for number, info in enumerate(PAGINGS[kind]):
        responses.get(ZONES, json=page([{"id": str(number)}], **info))
    assert [item["id"] for item in system.execute(cloudflare("GET", "/zones", pages=True))] == ["0", "1"]
    assert system.calls == 2
    assert ("cursor=x" if kind == "cursors" else "page=2") in responses.calls[1].request.url


@responses.activate
def test_one_page_costs_one_call(system):
    """A full last page is not followed by an empty one."""
    responses.get(ZONES, json=page([{"id": "a"}], page=1, per_page=1, total_count=1))
    assert system.execute(cloudflare("GET", "/zones", query={"per_page": 1}, pages=True)) == [{"id": "a"}]
    assert system.calls == 1


@responses.activate
def test_an_error_tells_code_chain_and_place(system):
    """What Cloudflare says is in the error."""
    error = {
        "code": 6003,
        "message": "Invalid request headers",
        "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
        "source": {"pointer": "/rules/0"},
    }
    responses.get(ZONES, json={"success": False, "errors": [error], "messages": [], "result": None}, status=400)
    with pytest.raises(Refused, match=r"6111.*at /rules/0") as refused:
        system.execute(cloudflare("GET", "/zones"))
    assert (refused.value.code, refused.value.status, refused.value.transient) == ("6003", 400, False)


@responses.activate
def test_an_error_without_a_code_has_the_status(system):
    """The rulesets API leaves codes out."""
    responses.put(f"{ZONES}/z", json={"success": False, "errors": [{"message": "no"}], "result": None}, status=400)
    with pytest.raises(Refused) as refused:
        system.execute(cloudflare("PUT", "/zones/z", {}))
    assert refused.value.code == "400"


@responses.activate
def test_a_failure_with_status_200_is_an_error(system):
    """The envelope decides, not the status."""
    responses.get(ZONES, json={"success": False, "errors": [{"code": 9109, "message": "Unauthorized"}], "result": None})
    with pytest.raises(Refused, match="Unauthorized"):
        system.execute(cloudflare("GET", "/zones"))


@responses.activate
def test_an_empty_reply_is_none(system):
    """Deleting a ruleset answers 204 without an envelope."""
    responses.delete(f"{ZONES}/z/rulesets/r", status=204)
    assert system.execute(cloudflare("DELETE", "/zones/z/rulesets/r")) is None


@responses.activate
@pytest.mark.parametrize("absent", ["81044", "404"])
def test_what_is_gone_is_none_when_that_is_expected(system, absent):
    """An absent code or status makes the reply None; without it the same reply is an error."""
    body = {"success": False, "errors": [{"code": 81044, "message": "Record does not exist."}], "result": None}
    responses.delete(f"{ZONES}/z/dns_records/r", json=body, status=404)
    assert system.execute(cloudflare("DELETE", "/zones/z/dns_records/r", absent=(absent,))) is None
    with pytest.raises(Refused):
        system.execute(cloudflare("DELETE", "/zones/z/dns_records/r"))
