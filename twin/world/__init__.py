"""The twin's world: one `handle` for every vendor. moto's settings come before anything of moto."""

from twin.world.stores.moto_settings import configure_moto

configure_moto()
