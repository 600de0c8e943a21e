"""Settings that AWS does not keep for a resource (a deletion window, say), kept in tags of our own."""

from collections.abc import Iterator, Mapping

from twin.resources.resource import Problem
from twin.resources.scope import user_tags

PREFIX = "twin:"


def keep(tags: Mapping[str, str], **settings: object) -> dict[str, str]:
    """Return the tags with one for each setting that is not None."""
    return {**tags, **{PREFIX + name: str(value) for name, value in settings.items() if value is not None}}


def kept(tags: Mapping[str, str], name: str, default: str) -> str:
    """Return a setting from an object's tags."""
    return tags.get(PREFIX + name, default)


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Leave only the tags that the spec gave: none of AWS's, none of ours."""
    return {k: v for k, v in user_tags(tags).items() if not k.startswith(PREFIX)}


def tag_problems(tags: Mapping[str, str], limit: int, *, ours: int = 2) -> Iterator[Problem]:
    """Check the tags of a resource: reserved prefixes, lengths, and how many there may be besides `ours`."""
    for key, value in tags.items():
        if key.lower().startswith("aws:") or key.startswith(PREFIX):
            yield Problem("TW0464", f"tag {key!r}: the prefixes aws: and twin: are reserved", "tags")
        if not 1 <= len(key) <= 128 or len(value) > 256:
            yield Problem("TW0464", f"tag {key!r}: a key has 1 to 128 characters, a value at most 256", "tags")
    if len(tags) + ours > limit:
        yield Problem("TW0464", f"{len(tags)} tags and {ours} of ours are more than the {limit} allowed", "tags")
