"""What moto reads from files, each once and when it is wanted: Regions, service models, instance types by place."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import moto
from botocore.loaders import Loader
from moto.utilities import utils

from twin.aws_data import LOADER, OnceLoader

PLACES = "ec2/resources/instance_type_offerings"
ROOT = Path(moto.__file__).parent
EXTRAS = "*-extras.json*"
Offering = dict[str, str]
stock_resource = utils.load_resource


class ModelLoader(OnceLoader):
    """Reads models for moto, which adds to some what nobody else should see; the others are the same as everybody's."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        folder = Path(full_path).parent
        if extended(folder.parent.name, folder):
            return super()._load_file(full_path, open_method)
        return LOADER.file_loader._load_file(full_path, open_method)


@cache
def extended(service: str, folder: Path) -> bool:
    """Tell whether a service's model is changed after it was read: by moto, by botocore, or by S3's clients."""
    own = ROOT / service.replace("-", "")
    return service == "s3" or any(own.glob(f"*/{EXTRAS}")) or any(folder.glob(EXTRAS))


class Offerings(Mapping[str, list[Offering]]):
    """The instance types that each Region offers, or each of its zones; a Region is read when it is asked for."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._files = {file.name.partition(".")[0]: file.name for file in (ROOT / PLACES / kind).iterdir()}
        self._read: dict[str, list[Offering]] = {}

    def __getitem__(self, region: str) -> list[Offering]:
        if region not in self._read:
            found = stock_resource(f"{PLACES}/{self.kind}/{self._files[region]}")
            self._read[region] = [offering | {"LocationType": self.kind} for offering in found]
        return self._read[region]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _resource(name: str) -> Any:
    """Read a file of moto's, but for the offerings of all Regions, which it would read as soon as it is imported."""
    return [] if name.startswith(PLACES) else stock_resource(name)


@cache
def read_once() -> None:
    """Have moto read no file twice, and none that nobody asks for; before the first use of EC2 in a process."""
    botocore_loader: Any = Loader
    botocore_loader.FILE_LOADER_CLASS = staticmethod(lambda: LOADER.file_loader)
    vars(utils)["load_resource"] = _resource
    known = importlib.import_module("moto.ec2.models.instance_types").INSTANCE_TYPE_OFFERINGS
    known.update({kind: Offerings(kind) for kind in known})
