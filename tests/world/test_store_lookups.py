"""What the world remembers for moto is what moto would have looked up."""

from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from moto.core.request import EnvironHeaders
from moto.core.request import Request as MotoRequest
from moto.ec2 import utils
from moto.moto_api._internal.moto_random import MotoRandom
from moto.s3.utils import _VersionedKeyStore, metadata_from_headers
from werkzeug.datastructures import Headers

from twin.aws_data import LOADER
from twin.wire import Request
from twin.world.stores.additions import install
from twin.world.stores.additions.ec2_ids import random_resource_id
from twin.world.stores.draws import (
    HEX,
    random_bits,
    random_hex,
    random_number,
    random_string,
    random_word,
    seed_when_drawn,
)
from twin.world.stores.lookups import OWN, STOCK, keep_versions, metadata_of
from twin.world.stores.moto_data import PLACES, ROOT, Offerings, extended, stock_resource
from twin.world.stores.moto_requests import environ_of, to_moto

SENT = [("X-Amz-Meta-My_Key", "a"), ("Content-Type", "text/plain"), ("x-amz-acl", "private"), ("X-Twin", "1, 2")]


class Version:
    """A version of an object that knows whether it was disposed of."""

    gone = False

    def dispose(self) -> None:
        """Note that it is."""
        self.gone = True


def test_random_words_are_drawn_as_moto_draws_them() -> None:
    """Digits and letters are the same, and so is what is drawn after them."""
    ours, theirs = MotoRandom("seed"), MotoRandom("seed")
    stock_hex, stock_string = (STOCK[(MotoRandom, name)] for name in ("get_random_hex", "get_random_string"))
    for length in (0, 1, 17, 64):
        assert random_hex(ours, length) == stock_hex(theirs, length)
        for told in ({}, {"include_digits": False}, {"lower_case": True}):
            assert random_string(ours, length, **told) == stock_string(theirs, length, **told)
    assert ours.random() == theirs.random()


def test_ids_of_ec2_are_drawn_as_moto_draws_them() -> None:
    """Of every length, and what is drawn after them; `install` puts ours in moto's place."""
    install()
    ours, theirs = MotoRandom("seed"), Random("seed")
    told = [random_word(ours, HEX, length) for length in (8, 17, 4)]
    assert told == ["".join(theirs.choice(utils.HEX_CHARS) for _ in range(length)) for length in (8, 17, 4)]
    assert ours.random() == theirs.random()
    assert utils.random_resource_id is random_resource_id
    assert len(utils.random_volume_id()) == len("vol-") + 17


def test_a_seed_counts_from_the_next_draw_and_only_the_last_one() -> None:
    """What is drawn after a seed is what moto draws, whatever was drawn or seeded before."""
    ours, theirs = MotoRandom("one"), Random("two")
    seed_when_drawn(ours, "lost")
    seed_when_drawn(ours, "two")
    assert [random_number(ours), random_bits(ours, 7)] == [theirs.random(), theirs.getrandbits(7)]
    seed_when_drawn(ours, "three")
    assert random_bits(ours, 64) != theirs.getrandbits(64)


@pytest.mark.parametrize("of", ["headers", "query"])
def test_metadata_is_what_moto_takes_for_it(of: str) -> None:
    """Names in any case, and the first of a list of values; other headers are no metadata."""
    told: dict[str, Any] = dict([*SENT, ("CACHE-Control", "no-store"), ("x-amz-meta-", "nameless"), ("Range", "1")])
    if of == "query":
        told = {name: [value, "second"] for name, value in told.items()}
    ours = metadata_of(told)
    assert dict(ours) == dict(metadata_from_headers(told))
    assert set(ours) == {"x-amz-meta-my_key", "Content-Type", "CACHE-Control"}


def test_a_body_that_is_no_form_is_at_hand_and_a_form_is_read() -> None:
    """Moto sees the same body, form and files of a request as werkzeug makes of it."""
    for kind, body in (("text/plain", b"a=1"), ("application/x-www-form-urlencoded", b"a=1"), ("", b"")):
        request = Request("POST", "https://iam.amazonaws.com/", Headers([("Content-Type", kind)] if kind else []), body)
        ours = to_moto(request, environ_of(request, request.url))
        stock = MotoRequest({**ours.environ, "wsgi.input": BytesIO(body)})
        assert (ours.data, ours.form, ours.files, ours.url) == (stock.data, stock.form, stock.files, stock.url)
        assert list(ours.headers.keys()) == [name for name, _ in ours.headers]


def test_versions_that_go_are_disposed_of_and_those_that_stay_are_not() -> None:
    """A new list of versions replaces the old one, whose missing versions are closed."""
    keys: Any = _VersionedKeyStore()
    first, second, third = Version(), Version(), Version()
    keep_versions(keys, "key", [first, second])
    keep_versions(keys, "key", [second, third])
    assert keys.getlist("key") == [second, third]
    assert [one.gone for one in (first, second, third)] == [True, False, False]


def test_headers_are_read_as_moto_reads_them() -> None:
    """Names in any spelling, their order, absent ones, and the account that is told later."""
    request = Request("PUT", "https://s3.us-east-1.amazonaws.com/lake/a%20b?x=1", Headers(SENT), b"body")
    moto = to_moto(request, environ_of(request, request.url))
    for account in ("111111111111", "222222222222"):
        moto.headers.tell(account)
        plain = EnvironHeaders(moto.environ)
        assert list(moto.headers) == list(plain)
        assert dict(moto.headers.items()) == dict(plain.items())
        for name in ("x-amz-meta-my_key", "X-AMZ-META-MY-KEY", "content-type", "Content-Length", "Host", "X-Absent"):
            assert moto.headers.get(name) == plain.get(name)
            assert (name in moto.headers) == (name in plain)
        assert moto.headers["X-Moto-Account-Id"] == account


def test_a_request_knows_its_url() -> None:
    """The URL is what moto puts together from host, path and query."""
    for url in ("https://lake.s3.amazonaws.com/a%20b//c?x=1&y", "https://iam.amazonaws.com/"):
        request = Request("GET", url, Headers(), b"")
        moto = to_moto(request, environ_of(request, url))
        assert moto.raw_url == super(type(moto), moto).raw_url == url


def test_offerings_of_a_region_are_those_of_its_file() -> None:
    """Each kind of place has its Regions, and a Region its instance types, with the kind that moto adds."""
    for kind in ("region", "availability-zone"):
        offered = Offerings(kind)
        assert len(offered) == len(list(offered)) > 20
        assert "us-east-1" in offered
        assert "mars-1" not in offered
        assert offered.get("mars-1", []) == []
        file = next((ROOT / PLACES / kind).glob("us-east-1.*"))
        written = stock_resource(f"{PLACES}/{kind}/{file.name}")
        assert len(written) > 100
        assert offered["us-east-1"] == [one | {"LocationType": kind} for one in written]


def test_moto_shares_the_models_that_nobody_changes() -> None:
    """IAM's model is read once for all; EC2's and S3's, which are changed, are moto's own."""
    for service, shared in (("iam", True), ("ec2", False), ("s3", False)):
        own, everybodys = (loader.load_service_model(service, "service-2") for loader in (OWN, LOADER))
        assert (own is everybodys) is shared
        assert everybodys["operations"].keys() <= own["operations"].keys()
    assert not extended("iam", Path("/nowhere"))
