"""Lets moto remember what it otherwise looks up anew at each call: pure functions of its classes and AWS's shapes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import xmltodict
from botocore import xform_name
from moto.core import responses, serialize, utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend
from moto.core.errors import ErrorLookup, ErrorLookupFactory
from moto.core.loaders import create_loader
from moto.s3 import responses as s3_responses
from moto.s3.utils import _VersionedKeyStore, metadata_from_headers, user_settable_fields
from moto.settings import allow_unknown_region
from requests.structures import CaseInsensitiveDict

from twin.world.stores import draws, replies, s3_lookups, setups
from twin.world.stores.moto_data import ModelLoader

Picker = serialize.AttributePicker
ModelPicker = serialize.XFormedAttributePicker
Place = tuple[Any, str]
METADATA = re.compile(r"^x-amz-meta-([a-zA-Z0-9\-_.]+)$", re.IGNORECASE)
SERVICES: Any = BackendDict
REGIONS: Any = AccountSpecificBackend
RESPONSES: Any = responses.BaseResponse
ERRORS: Any = ErrorLookupFactory
VERSIONS: Any = _VersionedKeyStore
ABSENT = object()
"""Stands for what a class has not of its own."""
STOCK: dict[Place, Any] = {
    (responses, "method_names_from_class"): utils.method_names_from_class,
    (responses, "camelcase_to_underscores"): utils.camelcase_to_underscores,
    (utils, "create_loader"): create_loader,
    (Picker, "get_possible_keys"): Picker.get_possible_keys,
    (ModelPicker, "get_possible_keys"): ModelPicker.get_possible_keys,
    (SERVICES, "__getitem__"): SERVICES.__getitem__,
    (SERVICES, "__missing__"): ABSENT,
    (SERVICES, "reset"): vars(SERVICES)["reset"],
    (REGIONS, "__getitem__"): REGIONS.__getitem__,
    (REGIONS, "__missing__"): ABSENT,
    (REGIONS, "__contains__"): REGIONS.__contains__,
    (VERSIONS, "setlist"): VERSIONS.setlist,
    (s3_responses, "metadata_from_headers"): metadata_from_headers,
    (RESPONSES, "get_access_key"): RESPONSES.get_access_key,
    (ERRORS, "for_service"): ERRORS.for_service,
    **s3_lookups.STOCK,
    (xmltodict, "_validate_name"): xmltodict._validate_name,
    **draws.STOCK,
    **replies.STOCK,
    **setups.STOCK,
}
# One for moto alone: it adds to the models what nobody else should see, and clients change S3's.
OWN = create_loader()
OWN.file_loader = ModelLoader()
# By picker, shape, its parent and the class of the object; what an id stands for is kept with it.
_KEYS: dict[tuple[Any, ...], tuple[tuple[str, ...], tuple[Any, ...]]] = {}
_FORGETTING: list[bool] = []


def remember() -> None:
    """Put the remembering functions into moto."""
    if not _FORGETTING:
        _put(REMEMBERING)


@contextmanager
def forgetting() -> Iterator[None]:
    """Let moto look everything up meanwhile, as it comes: what the twin is measured against."""
    _FORGETTING.append(True)
    _put(STOCK)
    try:
        yield
    finally:
        _FORGETTING.pop()
        remember()


@cache
def method_names(owner: type) -> frozenset[str]:
    """Return the names of a class's functions."""
    return frozenset(utils.method_names_from_class(owner))


@lru_cache(256)
def errors_of(model: Any) -> ErrorLookup:
    """Return the errors of a service's model by their codes, which moto collects anew for each refusal."""
    found: ErrorLookup = STOCK[(ERRORS, "for_service")](ErrorLookupFactory(), model)
    return found


@cache
def function_name(operation: str) -> str:
    """Return the name of the function that answers an operation."""
    return utils.camelcase_to_underscores(operation)


def possible_keys(picker: Any, context: Any) -> tuple[str, ...]:
    """Return the names under which an object may keep a member of a shape."""
    return _remembered(_plain_keys, picker, context)


def possible_model_keys(picker: Any, context: Any) -> tuple[str, ...]:
    """Return the same, with the names as Python writes them."""
    return _remembered(_model_keys, picker, context)


def _remembered(look_up: Callable[[Any, Any], Iterator[str]], picker: Any, context: Any) -> tuple[str, ...]:
    if picker.alias_providers is not serialize.DEFAULT_ALIAS_PROVIDERS:
        return tuple(look_up(picker, context))
    shape = context.shape
    parent = getattr(shape, "parent", None)
    place = (picker.__class__, id(shape), id(parent), context.obj.__class__, context.key)
    known = _KEYS.get(place)
    if known is None:
        known = _KEYS[place] = (tuple(dict.fromkeys(look_up(picker, context))), (shape, parent))
    return known[0]


def _plain_keys(picker: Any, context: Any) -> Iterator[str]:
    yield from STOCK[(Picker, "get_possible_keys")](picker, context)


def _model_keys(picker: Any, context: Any) -> Iterator[str]:
    for name in _plain_keys(picker, context):
        yield name
        yield xform_name(name)


def first_use(service: Any, account: str) -> Any:
    """Return an account's state of a service, which moto makes at its first use, and notes what is to be reset.

    What is in use is found as in any dictionary: whoever resets a service empties it.
    """
    return STOCK[(SERVICES, "__getitem__")](service, account)


def reset_in_use() -> None:
    """Reset what is in use, and empty it after the last reset, which may make state of another."""
    for service in list(SERVICES._instances):
        for _, _, backend in service.iter_backends():
            # The inherited reset only builds the backend anew, which is wasted on one that is dropped.
            if type(backend).reset is not BaseBackend.reset:
                backend.reset()
    for service in SERVICES._instances:
        service.clear()
        # Organizations' members by account, which stand beside its backends.
        vars(service).get("master_accounts", {}).clear()
    SERVICES._instances.clear()


def first_use_in_region(account: Any, region: str) -> Any:
    """Return a Region's state of a service in an account, which moto makes at its first use."""
    name = "aws" if region == "global" else region
    if not (dict.__contains__(account, name) or name in account.regions or allow_unknown_region()):
        raise KeyError(name)
    return STOCK[(REGIONS, "__getitem__")](account, name)


def has_region(account: Any, region: object) -> bool:
    """Tell whether a service is in a Region: where it is used already, without a look at the list of all."""
    return dict.__contains__(account, region) or STOCK[(REGIONS, "__contains__")](account, region)


def keep_versions(keys: Any, name: str, versions: Any) -> None:
    """Set an object's versions and dispose of those that go; where one more comes, none does."""
    known = dict.get(keys, name, [])
    if isinstance(versions, list) and versions[: len(known)] == known:
        dict.__setitem__(keys, name, versions)
    else:
        STOCK[(VERSIONS, "setlist")](keys, name, versions)


def access_key_of(response: Any) -> str:
    """Return the key that a request is signed with, which its header is searched for once."""
    found = _access_key(response.headers.get("Authorization") or "")
    return found or STOCK[(RESPONSES, "get_access_key")](response)


@lru_cache(4096)
def _access_key(authorization: str) -> str:
    match = RESPONSES.access_key_regex.search(authorization)
    return match[1] if match else ""


def metadata_of(headers: Any) -> CaseInsensitiveDict[Any]:
    """Return what headers or a query tell about an object, each name looked at once."""
    metadata: CaseInsensitiveDict[Any] = CaseInsensitiveDict()
    for header in headers.keys():  # noqa: SIM118 - to iterate headers gives pairs
        if header.__class__ is str and (name := _metadata_name(header)):
            value = headers[header]
            metadata[name] = value[0] if isinstance(value, list) else value
    return metadata


@lru_cache(4096)
def _metadata_name(header: str) -> str:
    """Return under which name an object keeps a header; "" for one that is not about it."""
    if METADATA.match(header):
        return header.lower()
    return header if header.lower() in user_settable_fields else ""


REMEMBERING: dict[Place, Any] = {
    (responses, "method_names_from_class"): method_names,
    (responses, "camelcase_to_underscores"): function_name,
    (utils, "create_loader"): lambda: OWN,
    (Picker, "get_possible_keys"): possible_keys,
    (ModelPicker, "get_possible_keys"): possible_model_keys,
    (SERVICES, "__getitem__"): ABSENT,
    (SERVICES, "__missing__"): first_use,
    (SERVICES, "reset"): staticmethod(reset_in_use),
    (REGIONS, "__getitem__"): ABSENT,
    (REGIONS, "__missing__"): first_use_in_region,
    (REGIONS, "__contains__"): has_region,
    (VERSIONS, "setlist"): keep_versions,
    (s3_responses, "metadata_from_headers"): metadata_of,
    (RESPONSES, "get_access_key"): access_key_of,
    (ERRORS, "for_service"): lambda _, model: errors_of(model),
    **s3_lookups.REMEMBERING,
    **draws.REMEMBERING,
    **replies.REMEMBERING,
    **setups.REMEMBERING,
    # A name that is none raises, and is looked at again.
    (xmltodict, "_validate_name"): lru_cache(maxsize=8192)(xmltodict._validate_name),
}


def _put(functions: dict[Place, Any]) -> None:
    for (owner, name), function in functions.items():
        if function is not ABSENT:
            setattr(owner, name, function)
        elif name in vars(owner):
            delattr(owner, name)
