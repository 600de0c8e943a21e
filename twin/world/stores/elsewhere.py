"""Services whose state is not in this process, and what the embedded store may still ask about them.

moto's services look into each other's state. What is kept elsewhere has a stand-in there, which asks by the service's
API, or refuses by name what nobody taught it: never an empty state that would be taken for the truth.
"""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from moto.core.base_backend import BackendDict
from moto.core.resource_tagging import TaggedResource, iter_taggable_backends
from moto.resourcegroupstaggingapi import models as tagging

from twin.world.aws_errors import AwsError

Make = Callable[[str, str], "RemoteState"]


class Elsewhere(AwsError):
    """A question about the state of a service that is kept elsewhere."""

    def __init__(self, service: str, asked: str) -> None:
        super().__init__(
            "TwinUnsupportedOperation",
            f"This needs {service}'s {asked}; the twin keeps {service} in another store, where it cannot look at that.",
        )


class RemoteState:
    """The state of a service in an account and a Region as the embedded store sees it; what is not here is refused."""

    service = ""

    def __getattr__(self, name: str) -> Any:
        """Refuse what nobody taught this stand-in; Python's own questions get Python's answer."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise Elsewhere(self.service, name)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield what can carry tags."""
        raise Elsewhere(self.service, "tags")

    def owns_arn(self, arn: str) -> bool:
        """Tell whether an ARN is one of this service's."""
        return arn.split(":")[2:3] == [self.service]


class RemoteThings:
    """Things of a service that is kept elsewhere, found by name one at a time; they cannot be walked through."""

    def __init__(self, service: str, word: str, find: Callable[[str], Any]) -> None:
        self._service, self._word, self._find = service, word, find

    def get(self, name: str, default: Any = None) -> Any:
        """Return the thing of a name, or the default."""
        found = self._find(name)
        return default if found is None else found

    def __getitem__(self, name: str) -> Any:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def __getattr__(self, name: str) -> Any:
        """Refuse every other way of a mapping."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise Elsewhere(self._service, self._word)

    def __iter__(self) -> NoReturn:
        raise Elsewhere(self._service, self._word)


class RemoteAccount:
    """An account's Regions of a service that is kept elsewhere."""

    def __init__(self, service: str, account: str, make: Make) -> None:
        self._service, self._account, self._make = service, account, make

    def __getitem__(self, region: str) -> RemoteState:
        return self._make(self._account, region)

    def __contains__(self, region: str) -> bool:
        return region != "aws"

    def __iter__(self) -> NoReturn:
        raise Elsewhere(self._service, "Regions")

    items = values = keys = __iter__


class RemoteBackends:
    """All accounts of a service that is kept elsewhere; they cannot be walked through."""

    def __init__(self, service: str, make: Make) -> None:
        self._service, self._make = service, make

    def __getitem__(self, account: str) -> RemoteAccount:
        return RemoteAccount(self._service, account, self._make)

    def __contains__(self, account: str) -> bool:
        return True

    def __iter__(self) -> NoReturn:
        raise Elsewhere(self._service, "accounts")

    items = values = keys = __iter__


ELSEWHERE: dict[str, RemoteBackends] = {}
account_of_moto = BackendDict.__getitem__


def keep_elsewhere(stand_ins: dict[str, Make]) -> None:
    """Tell the embedded store which services are not its own, by moto's names; with none it has them all again."""
    ELSEWHERE.clear()
    ELSEWHERE.update({service: RemoteBackends(service, make) for service, make in stand_ins.items()})
    found: Any = BackendDict
    found.__getitem__ = _account if stand_ins else account_of_moto
    vars(tagging)["iter_taggable_backends"] = _taggable if stand_ins else iter_taggable_backends


def _account(backends: Any, account: str) -> Any:
    remote = ELSEWHERE.get(backends.service_name)
    return account_of_moto(backends, account) if remote is None else remote[account]


def _taggable(account: str, region: str) -> Iterator[Any]:
    yield from iter_taggable_backends(account, region)
    for remote in ELSEWHERE.values():
        yield remote[account][region]
