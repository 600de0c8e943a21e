"""EC2: ids of its resources, by moto's own draws but drawn at once: a Region begins with thousands of them."""

from moto.ec2 import utils
from moto.moto_api._internal import mock_random

from twin.world.stores.draws import HEX, random_word


def random_resource_id(size: int = 8) -> str:
    """Return the hexadecimal digits of an id."""
    return random_word(mock_random, HEX, size)


vars(utils)["random_resource_id"] = random_resource_id
