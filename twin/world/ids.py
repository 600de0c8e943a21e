"""Identifiers and choices of the world, drawn from one seed so that the same run mints the same ids."""

import random
import string


class Ids:
    """A seeded source of the identifier shapes that vendors use."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(f"twin:{seed}")  # noqa: S311 - reproducible ids are the point, secrecy is not

    def hex(self, length: int = 32) -> str:
        """Return lower-case hexadecimal digits (Cloudflare ids have 32)."""
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def word(self, length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        """Return `length` characters drawn from `alphabet`."""
        return "".join(self.random.choices(alphabet, k=length))

    def uuid(self) -> str:
        """Return a version 4 UUID in its usual form."""
        digits = self.hex(32)
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
