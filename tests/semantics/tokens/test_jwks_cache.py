"""The cache follows an issuer's keys without flooding the issuer."""

import pytest

from twin.semantics.tokens import JwksCache


class Issuer:
    """An issuer whose keys change, and which counts who asks."""

    def __init__(self, *ids):
        self.ids, self.asked, self.down = list(ids), 0, False

    def __call__(self):
        self.asked += 1
        if self.down:
            raise OSError("connection refused")
        return {"keys": [{"kid": each} for each in self.ids]}


def known(cache, key_id, now):
    """Tell whether the cache has a key."""
    return bool(cache.named(key_id, now))


def test_keys_are_fetched_once_per_lifetime():
    """A second token costs no request, one after the lifetime does."""
    issuer = Issuer("a")
    cache = JwksCache(issuer, lifetime=300)
    assert issuer.asked == 0
    assert known(cache, "a", 0)
    assert known(cache, "a", 299)
    assert issuer.asked == 1
    assert known(cache, "a", 300)
    assert issuer.asked == 2


def test_new_key_is_found_before_the_lifetime_is_over():
    """A rotation is followed as soon as a token names the new key."""
    issuer = Issuer("a")
    cache = JwksCache(issuer, lifetime=300, pause=30)
    known(cache, "a", 0)
    issuer.ids = ["a", "b"]
    assert known(cache, "b", 31)
    assert issuer.asked == 2


def test_revoked_key_is_forgotten_with_the_lifetime():
    """Until then it is trusted: that is the price of a cache."""
    issuer = Issuer("a")
    cache = JwksCache(issuer, lifetime=300)
    known(cache, "a", 0)
    issuer.ids = ["b"]
    assert known(cache, "a", 299)
    assert not known(cache, "a", 300)


def test_forged_ids_do_not_flood_the_issuer():
    """A thousand unknown ids in the pause make one request."""
    issuer = Issuer("a")
    cache = JwksCache(issuer, pause=30)
    known(cache, "a", 0)
    assert not any(known(cache, f"x{number}", 10) for number in range(1000))
    assert issuer.asked == 1
    assert not any(known(cache, f"x{number}", 40) for number in range(1000))
    assert issuer.asked == 2


def test_issuer_that_is_down_leaves_the_keys_for_a_while():
    """Old keys hold for the stale time, then none does."""
    issuer = Issuer("a")
    cache = JwksCache(issuer, lifetime=300, stale=600, pause=30)
    known(cache, "a", 0)
    issuer.down = True
    assert known(cache, "a", 300)
    assert known(cache, "a", 899)
    assert not known(cache, "a", 900)


def test_first_fetch_that_fails_is_told():
    """Without any keys there is nothing to decide on."""
    issuer = Issuer("a")
    issuer.down = True
    with pytest.raises(OSError, match="refused"):
        JwksCache(issuer).named("a", 0)


def test_answer_that_is_no_key_set_changes_nothing():
    """An error page with status 200 does not empty the cache."""
    answers = iter([{"keys": [{"kid": "a"}]}, {"error": "maintenance"}])
    cache = JwksCache(lambda: next(answers), lifetime=300)
    assert known(cache, "a", 0)
    assert known(cache, "a", 301)
