"""What a plan is about, as it was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What a plan is about: addresses, types (`aws.s3` is all of S3) and patterns with `*`; all without `only`."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.only or self.without)


ALL = Choice()
