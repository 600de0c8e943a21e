"""Makes moto read the world's clock: moto stamps creation dates and judges expiries by it.

Step Functions, Batch and Lambda keep the machine's clock, because they wait for it in loops of their own.
"""

import datetime as real_datetime
import sys
import time as real_time
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any

from moto.core.utils import utcnow
from moto.utilities.utils import get_partition

from twin.clock import Clock

EXCLUDED = ("moto.stepfunctions", "moto.batch", "moto.awslambda", "moto.moto_proxy", "moto.moto_server")
RealDatetime = real_datetime.datetime


class MotoClock:
    """The clock that moto reads; `clock` may be exchanged when a new world takes over."""

    def __init__(self) -> None:
        self.clock: Clock | None = None
        self._swept: set[str] = set()
        self._loaded = 0
        self._datetime = _clocked_datetime(self.now)
        self._datetime_module = _module_like(real_datetime, datetime=self._datetime)
        self._time_module = _module_like(real_time, time=lambda: self.now().timestamp())
        # What moto asks many times in each call, imported by name everywhere: in which partition a Region is.
        self._pure = {"get_partition": (get_partition, lru_cache(1024)(get_partition))}

    def now(self) -> RealDatetime:
        """Return the world's instant."""
        if self.clock is None:
            raise RuntimeError("moto asks for the time before a world was made")
        return self.clock.now()

    def utcnow(self) -> RealDatetime:
        """Return the same without a time zone, as moto keeps it."""
        return self.now().replace(tzinfo=None)

    def sweep(self) -> None:
        """Give every module of moto that was loaded since the last sweep the world's clock."""
        if len(sys.modules) == self._loaded:
            return
        self._loaded = len(sys.modules)
        for name, module in sys.modules.copy().items():
            if not name.startswith("moto.") or name in self._swept or name.startswith(EXCLUDED):
                continue
            self._swept.add(name)
            names = vars(module)
            if names.get("datetime") is RealDatetime:
                names["datetime"] = self._datetime
            elif names.get("datetime") is real_datetime:
                names["datetime"] = self._datetime_module
            if names.get("time") is real_time:
                names["time"] = self._time_module
            if names.get("utcnow") is utcnow:
                names["utcnow"] = self.utcnow
            names.update({name: ours for name, (stock, ours) in self._pure.items() if names.get(name) is stock})


def _clocked_datetime(now: Callable[[], RealDatetime]) -> type[RealDatetime]:
    class Clocked(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, RealDatetime)

    class ClockedDatetime(RealDatetime, metaclass=Clocked):
        """Constructs plain datetimes; only the present comes from the world."""

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return RealDatetime(*args, **kwargs)

        @classmethod
        def now(cls, tz: real_datetime.tzinfo | None = None) -> Any:
            return now().astimezone(tz) if tz else now().replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> Any:
            return now().replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return now().replace(tzinfo=None)

    return ClockedDatetime


def _module_like(module: ModuleType, **replaced: Any) -> ModuleType:
    copy = ModuleType(module.__name__)
    vars(copy).update(vars(module))
    vars(copy).update(replaced)
    return copy
