"""botocore's data files, parsed once in a process: each session, and we ourselves, would keep a copy each."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader, instance_cache


class OnceLoader(JSONFileLoader):  # type: ignore[misc]
    """Reads files as botocore does, each but once, and into plain dictionaries, which keep their order too."""

    def __init__(self) -> None:
        self._parsed: dict[str, Any] = {}

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        if full_path not in self._parsed:
            try:
                with open_method(full_path, "rb") as file:
                    self._parsed[full_path] = _bare(json.loads(file.read()))
            except FileNotFoundError:
                return None
        return self._parsed[full_path]


def _bare(data: Any) -> Any:
    """Leave out of a service's model what it tells people, which is much of it and asked for by nobody."""
    if isinstance(data, dict) and "operations" in data and "shapes" in data:
        shapes = data["shapes"].values()
        data.pop("documentation", None)
        for told in (*data["operations"].values(), *shapes, *(shape for one in shapes for shape in _parts(one))):
            told.pop("documentation", None)
    return data


def _parts(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from shape.get("members", {}).values()
    yield from (shape[part] for part in ("member", "key", "value") if part in shape)


class ServiceLoader(Loader):  # type: ignore[misc]
    """Finds the models of a service where they are, without a look into the folders of all services first."""

    @instance_cache  # type: ignore[untyped-decorator]
    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Load a model as botocore does; of a service that there is not, botocore says what there is instead."""
        try:
            version = api_version or self.determine_latest_version(service_name, type_name)
            model = self.load_data(f"{service_name}/{version}/{type_name}")
        except DataNotFoundError:
            return super().load_service_model(service_name, type_name, api_version)
        self._extras_processor.process(model, self._find_extras(service_name, type_name, version))
        return model


LOADER = ServiceLoader(file_loader=OnceLoader())
"""The loader for checks and clients.

What clients change in a model, all of them change alike: S3's take the bucket out of its paths.
"""


@cache
def worldwide() -> frozenset[str]:
    """Return the services that answer for all Regions at once, as IAM does, by the prefixes of their endpoints."""
    partition = LOADER.load_data("endpoints")["partitions"][0]
    return frozenset(name for name, told in partition["services"].items() if told.get("isRegionalized") is False)
