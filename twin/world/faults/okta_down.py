"""Okta does not answer: nobody signs in, nothing of the org can be read; or it is read only, as in maintenance."""

from typing import ClassVar, Literal

from twin.world.fault import Fault, FaultOptions
from twin.world.saas.stations import VendorCall, VendorFault
from twin.world.scene import Scene

READING = ("GET", "HEAD", "OPTIONS")


class Options(FaultOptions):
    """How it is down."""

    mode: Literal["outage", "read-only"] = "outage"
    """`outage`: every call fails; `read-only`: those that change something."""
    status: Literal[500, 502, 503, 504] = 503
    """The status of the error."""


class OktaDown(Fault):
    """An Okta org that is down."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def check_vendor(self, call: VendorCall, scene: Scene) -> None:
        """Refuse calls to Okta."""
        if call.vendor != "okta" or (self.options.mode == "read-only" and call.method in READING):
            return
        self.refused += 1
        raise VendorFault(self.options.status, self.options.mode)


FAULT = OktaDown
