"""Eight clients at once on one served world lose nothing: the measurement of `bench/serve.py`, scaled down."""

import importlib.util
import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

from twin.clock import WallClock
from twin.wire import Response
from twin.world.world import World


@pytest.fixture(scope="module")
def crowd():
    """The script that lets the clients loose."""
    file = Path(__file__).parents[2] / "bench" / "serve.py"
    spec = importlib.util.spec_from_file_location("bench_serve", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def measured(crowd):
    """Measures a world by threads with clients of their own."""

    def measure(calls, spoil=None):
        world = World(3, WallClock())
        with ThreadPoolExecutor(crowd.CLIENTS) as pool:
            figures = crowd.measure(world, pool, calls, spoil and (lambda request: spoil(world, request)))
        world.close()
        return figures

    return measure


def test_mixed_calls_of_eight_clients_lose_nothing(measured, whole):
    """Hundreds of calls of three vendors: no error, every write is there afterwards, no id is given twice."""
    calls = 800 if whole else 320
    figures = measured(calls)
    assert (figures["calls"], figures["clients"]) == (calls, 8)
    assert (figures["errors"], figures["lost writes"], figures["duplicated ids"]) == ({}, {}, {})
    assert set(figures["written"]) == {"objects", "items", "messages", "users", "tags", "records", "people"}
    assert sum(figures["written"].values()) > calls * 0.8


def test_the_measurement_sees_what_goes_wrong(measured):
    """A world that drops an object, refuses a message, and tells an id twice is found out in each."""
    puts, sends = itertools.count(), itertools.count()

    def spoil(world, request):
        if request.method == "PUT" and "/lake/" in request.url and next(puts) == 3:
            headers = Headers([("x-amz-version-id", "same"), ("x-amz-request-id", "same"), ("ETag", '"x"')])
            return Response(200, headers)
        if request.headers.get("X-Amz-Target", "").endswith("SendMessage") and next(sends) == 2:
            return Response(503, Headers(), b"busy")
        return world.handle(request)

    figures = measured(64, spoil)
    assert figures["lost writes"] == {"objects": 1}
    assert list(figures["duplicated ids"]) == ["same"]
    assert sorted(kind.partition(":")[0] for kind in figures["errors"]) == ["get", "send"]
