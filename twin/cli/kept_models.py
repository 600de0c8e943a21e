"""The parts of botocore's service models that plans here use are kept in the workspace, so that the next starts sooner.

They are read only under their user's own seal, of this very program and its libraries.
"""

import json
from contextlib import suppress

from twin.cli.made_of import digest_of, shelf_of
from twin.engine.shelf import Shelf
from twin.engine.workspace import Workspace
from twin.resources.aws.model_parts import PARTS, named_reads


def recall_models(home: Workspace) -> None:
    """Have clients be made of the parts that are kept."""
    shelf = _shelf(home)
    body = None if shelf is None else shelf.get_sealed(digest_of())
    if body is not None:
        PARTS.tell(json.loads(body))


def keep_models(home: Workspace, *, applied: bool = False) -> None:
    """Keep the parts that this run used, where those that it was told of lacked any; without room it goes on alike.

    After an apply they have the reads too of which the next plan may be in need.
    """
    if (more := PARTS.more(named_reads() if applied else ())) and (shelf := _shelf(home)) is not None:
        with suppress(OSError):
            shelf.put_sealed(digest_of(), json.dumps(more).encode())


def _shelf(home: Workspace) -> Shelf | None:
    return shelf_of(home, "models", most=1)
