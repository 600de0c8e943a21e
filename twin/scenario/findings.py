"""What tells of a scenario as it documents it: detections by name, events in vendors' logs, who is silent and why."""

from collections.abc import Collection

from pydantic import Field, model_validator

from twin.scenario.step import Part

SOURCES = (
    "guardduty", "securityhub", "access-analyzer", "config", "alarm", "rule", "budget", "anomaly", "okta", "reader",
)  # fmt: skip
"""What raises something; a name is one of these and what it calls it: `guardduty Stealth:IAMUser/…`, `alarm NAME`."""
LOGS = ("okta", "cloudflare", "github")


class Findings(Part):
    """What a run of the scenario raises, all of it; each with a sentence on why, or none where it is plain."""

    raised: dict[str, str] = Field(default_factory=dict)
    """What must be raised: `guardduty TYPE`, `access-analyzer RESOURCE_TYPE`, `alarm NAME`, `rule NAME`, …"""
    perhaps: dict[str, str] = Field(default_factory=dict)
    """What is raised under some seeds only: what looks now and then may come too late."""
    logged: dict[str, str] = Field(default_factory=dict)
    """Events that stand in the log of Okta, Cloudflare or GitHub before anybody acts, `okta user.session.start`."""
    silent: dict[str, str] = Field(default_factory=dict)
    """Sources that raise nothing, and why: what the vendor does not document, or the org does not have."""

    @model_validator(mode="after")
    def known(self) -> "Findings":
        """Each name begins with what raises it, and nobody is silent who raises something."""
        for name in (*self.raised, *self.perhaps):
            if name.partition(" ")[0] not in SOURCES:
                raise ValueError(f"{name}: what raises something is one of {', '.join(SOURCES)}")
        for name in self.logged:
            if name.partition(" ")[0] not in LOGS:
                raise ValueError(f"{name}: the log of a vendor is one of {', '.join(LOGS)}")
        for source in self.silent:
            if any(name.partition(" ")[0] == source for name in (*self.raised, *self.perhaps)):
                raise ValueError(f"{source} is said to be silent, and something of it is expected")
        return self

    def amiss(self, raised: Collection[str], logged: Collection[str]) -> list[str]:
        """Say what is missing and what nobody documented; nothing when all is as it says."""
        found = [f"{name} is missing" for name in self.raised if name not in raised]
        found += [f"{name} is in no log" for name in self.logged if name not in logged]
        return found + [f"{name} is not documented" for name in raised if name not in (*self.raised, *self.perhaps)]
