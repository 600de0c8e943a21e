"""Where the world keeps AWS's configuration; moto's settings come before anything of moto."""

from twin.world.stores.moto_settings import configure_moto

configure_moto()
