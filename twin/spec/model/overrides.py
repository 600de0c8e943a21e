"""What holds for single resources by their addresses: protection, former names, what is left alone, other fields."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Text


class Override(Section):
    """What holds for one resource, or for all whose address fits."""

    absent: bool = False
    """Whether what the sections make of it is not wanted."""
    protect: Text | None = None
    """Why it must not be removed or replaced, also when the spec no longer has it."""
    renamed_from: Text | None = None
    """The address that it had before: the object stays and takes the new one."""
    adopt: Text | None = None
    """The vendor's id of an object that exists and is taken over."""
    ignore: tuple[Text, ...] = ()
    """Fields that are left as they are once it exists; `tags.cost` is one entry of a mapping."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """Fields in place of those that the spec's sections give it; null leaves one unmanaged."""

    def problems(self) -> Iterator[Problem]:
        """Refuse what cannot both be."""
        if self.renamed_from and self.adopt:
            message = "an object that had another address is ours already"
            yield Problem("TW0214", ("adopt",), message, "keep one of `renamed_from` and `adopt`")
