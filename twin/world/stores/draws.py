"""moto's randomness: seeded when it is drawn from, and words made of many draws at once."""

from functools import cache
from string import ascii_letters, digits
from typing import Any

from moto.moto_api._internal.moto_random import HEX_CHARS, MotoRandom

SOURCE: Any = MotoRandom
HEX = "".join(map(str, HEX_CHARS))
SEED = "seed_of_next_draw"
NAMES = ("seed", "random", "getrandbits", "get_random_hex", "get_random_string")
STOCK: dict[tuple[Any, str], Any] = {(SOURCE, name): getattr(SOURCE, name) for name in NAMES}
RANDOM, BITS = STOCK[(SOURCE, "random")], STOCK[(SOURCE, "getrandbits")]


def seed_when_drawn(source: MotoRandom, a: Any = None, version: int = 2) -> None:
    """Seed a source at its first draw: it is seeded for each call and task, and few of them draw."""
    vars(source).update({SEED: (a, version), "gauss_next": None})


def random_number(source: MotoRandom) -> float:
    """Return a number from 0 to 1."""
    _seeded(source)
    number: float = RANDOM(source)
    return number


def random_bits(source: MotoRandom, k: int) -> int:
    """Return a number of so many bits, from which all other choices are made."""
    _seeded(source)
    bits: int = BITS(source, k)
    return bits


def _seeded(source: MotoRandom) -> None:
    if SEED in source.__dict__:
        STOCK[(SOURCE, "seed")](source, *source.__dict__.pop(SEED))


def random_hex(source: MotoRandom, length: int = 8) -> str:
    """Return hexadecimal digits, by the same draws as moto's."""
    return random_word(source, HEX, length)


def random_string(source: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False) -> str:
    """Return letters and digits, by the same draws as moto's."""
    word = random_word(source, ascii_letters + digits if include_digits else ascii_letters, length)
    return word.lower() if lower_case else word


def random_word(source: MotoRandom, letters: str, length: int) -> str:
    """Choose letters as `random.choice` does: by the first bits of each number drawn, until one is a letter's place.

    No more numbers are drawn at once than letters are missing, so that none is drawn too many.
    """
    _seeded(source)
    table, others = _alphabet(letters)
    word = b""
    while missing := length - len(word):
        word += BITS(source, 32 * missing).to_bytes(4 * missing, "little")[3::4].translate(table, others)
    return word.decode()


@cache
def _alphabet(letters: str) -> tuple[bytes, bytes]:
    """Return which letter the first byte of a number stands for, and the bytes that stand for none."""
    spare = 8 - len(letters).bit_length()
    places = [byte >> spare for byte in range(256)]
    table = bytes(ord(letters[place]) if place < len(letters) else 0 for place in places)
    return table, bytes(byte for byte, place in enumerate(places) if place >= len(letters))


REMEMBERING: dict[tuple[Any, str], Any] = dict(
    zip(STOCK, (seed_when_drawn, random_number, random_bits, random_hex, random_string), strict=True)
)
