"""The tags of everything that we own in a Region, in one read of the tagging API."""

from collections.abc import Callable, Iterable

from twin.resources.call import Steps, aws, together
from twin.resources.resource import Wanted
from twin.resources.scope import OWNER_TAG, Scope, plain_tags

Tags = dict[str, str]


def owned_tags(scope: Scope) -> Steps[dict[str, Tags]]:
    """Return the tags of each resource that carries our ownership tag, by ARN."""
    filters = [{"Key": OWNER_TAG, "Values": [scope.owner]}]
    reply = yield aws("resourcegroupstaggingapi", "GetResources", {"TagFilters": filters}, pages=True)
    return {item["ResourceARN"]: plain_tags(item.get("Tags")) for item in reply.get("ResourceTagMappingList") or ()}


def tags_of(scope: Scope, wanted: Iterable[str], one: Callable[[str], Steps[Tags]]) -> Steps[dict[str, Tags]]:
    """Return `owned_tags`, completed by a single read for each wanted ARN that is not among them.

    The tagging API is eventually consistent and does not know every service everywhere.
    """
    tags = yield from owned_tags(scope)
    missing = sorted(set(wanted) - tags.keys())
    read = yield from together(one(arn) for arn in missing)
    return {**tags, **dict(zip(missing, read, strict=True))}


def sought(wanted: Wanted) -> set[str]:
    """Return the ids and the names (the first parts of the keys) that a read is for."""
    return {*wanted.ids, *(str(key[0]) for key in wanted.keys)}
