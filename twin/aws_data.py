"""botocore's data files, parsed once in a process: moto, each session and we ourselves would keep a copy each.

Importing this is enough: every loader made afterwards reads through it, the AWS clients' and moto's too. Nobody changes
what is read: botocore merges its own extras into a model, which leaves it the same however often it is done. S3 is the
exception: its clients take the bucket out of the paths of the model, by which moto must still find its operations.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

CHANGED = "/s3/"
"""The model that clients change, of which each loader reads its own."""


class OnceLoader(JSONFileLoader):  # type: ignore[misc]
    """Reads files as botocore does, each but once, and into plain dictionaries, which keep their order too."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        return _read(full_path, open_method) if CHANGED in full_path else _parsed(full_path, open_method)


@cache
def _parsed(path: str, open_method: Callable[..., Any]) -> Any:
    return _read(path, open_method)


def _read(path: str, open_method: Callable[..., Any]) -> Any:
    try:
        with open_method(path, "rb") as file:
            return json.loads(file.read())
    except FileNotFoundError:
        return None


Loader.FILE_LOADER_CLASS = OnceLoader
LOADER = Loader()
"""The loader for checks and clients."""
