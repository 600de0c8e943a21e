"""A bucket that learns a vendor's rate: few calls are too many, and no time is lost where none is."""

import pytest

from twin.resources.pacing import Bucket


class Vendor:
    """A vendor that takes so many calls in each second of a clock that only sleeping moves."""

    def __init__(self, limit):
        self.limit, self.time, self.seen, self.refused = limit, 0.0, {}, 0

    def sleep(self, seconds):
        self.time += seconds

    def call(self, bucket):
        """Send a call, which takes ten milliseconds, until it passes."""
        while True:
            if bucket is not None:
                bucket.take()
            self.time += 0.01
            second = int(self.time)
            self.seen[second] = self.seen.get(second, 0) + 1
            if self.seen[second] <= self.limit:
                if bucket is not None:
                    bucket.passed()
                return
            self.refused += 1
            if bucket is not None:
                bucket.throttled()


@pytest.fixture(params=[2, 10, 50], ids=lambda limit: f"{limit} a second")
def vendor(request):
    """One of three."""
    return Vendor(request.param)


def test_few_calls_are_too_many(vendor):
    """Without a bucket most are; with one at most one in five, at two thirds of the vendor's rate or more."""
    careless = Vendor(vendor.limit)
    for _ in range(400):
        careless.call(None)
    bucket = Bucket(lambda: vendor.time, vendor.sleep)
    for _ in range(400):
        vendor.call(bucket)
    assert careless.refused > 300
    assert vendor.refused < 80
    assert vendor.time < 1.5 * careless.time


def test_nothing_waits_until_a_call_was_too_many():
    """A hundred calls at once take no time of the bucket's."""
    slept = []
    bucket = Bucket(lambda: 0.0, slept.append)
    for _ in range(100):
        bucket.take()
        bucket.passed()
    assert (slept, bucket.rate) == ([], None)


def test_calls_that_were_under_way_together_slow_down_once():
    """Ten refusals of one instant cut the rate once."""
    bucket = Bucket(lambda: 10.0, lambda _: None)
    for _ in range(100):
        bucket.take()
    for _ in range(10):
        bucket.throttled()
    assert bucket.rate == pytest.approx(70)


def test_who_is_never_refused_again_is_held_back_no_more():
    """The rate grows until it means nothing."""
    bucket = Bucket(lambda: 10.0, lambda _: None)
    for _ in range(100):
        bucket.take()
    bucket.throttled()
    for _ in range(30_000):
        bucket.passed()
    assert bucket.rate is None


def test_a_retry_that_the_client_made_by_itself_counts():
    """A reply that came at the second try says that the first one was too many."""
    from urllib3.util.retry import RequestHistory, Retry

    from twin.resources.http_api import _throttled

    class Raw:
        retries = Retry(3, history=(RequestHistory("GET", "/", None, 429, None),))

    class Reply:
        status_code, raw = 200, Raw

    assert _throttled(Reply)
    Raw.retries = Retry(3)
    assert not _throttled(Reply)


def test_live_clients_share_a_bucket_per_account_and_aws_has_its_own():
    """Okta and Cloudflare get one each; AWS's client learns its rate per service."""
    from rig import SCOPE

    from twin.engine.connect import live

    target = live(SCOPE, {"CLOUDFLARE_API_TOKEN": "t", "OKTA_CLIENT_TOKEN": "t"})
    buckets = [target.systems[name].bucket for name in ("cloudflare", "okta")]
    assert all(isinstance(one, Bucket) for one in buckets)
    assert buckets[0] is not buckets[1]
    assert target.systems["aws"].config.retries["mode"] == "adaptive"
