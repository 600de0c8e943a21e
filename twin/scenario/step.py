"""A step of a setup, a runbook or an attack."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from twin.scenario.duration import period, seconds
from twin.scenario.vendor_calls import vendor_call

WRITTEN = WithJsonSchema({"type": ["string", "number"], "examples": ["90s", "15m", "8h"]})
Seconds = Annotated[float, BeforeValidator(seconds), WRITTEN]
Period = Annotated[float, BeforeValidator(period), WRITTEN]
"""A time after which something is done again, which takes some."""


class Part(BaseModel):
    """A part of a scenario file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Step(Part):
    """One step; exactly one of `call`, `wait`, `steps`, `restore` says what it does."""

    call: str | None = None
    """An API call, `service:Operation` or `okta METHOD /path`, made with the identity of the actor."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Its parameters (for Okta and Cloudflare `json`, `query`, `pages`); `${name}` stands for a saved value.

    `${login.username}` stands for a field of a saved mapping, or of a saved text that is one in JSON.
    """
    as_: str | None = Field(default=None, alias="as")
    """The name of saved credentials, or of an account of `accounts`, with which it is made instead."""
    pages: bool = False
    """Every page of an AWS list is read, and told as one (other vendors have `pages` under `with`)."""
    region: str | None = None
    """The AWS Region in which it is made; the org's own when absent."""
    save: dict[str, str] = Field(default_factory=dict)
    """Names for parts of the reply, as JMESPath expressions."""
    absent: tuple[str, ...] = ()
    """Error codes that mean that there is nothing to do."""
    each: str | None = None
    """A name that holds a list: the call, or all of `steps`, is made for every `${item}` of it, each item once.

    `${item.Field}` stands for a field of an item; a parameter is left out where the item has none.
    """
    steps: "dict[str, Step]" = Field(default_factory=dict)
    """Steps that are made one after the other for every item of `each`; what they save is the item's own."""
    restore: list[str] | None = None
    """Addresses or types (`aws.iam.role`) to which the org's spec is applied, so that they are as they were."""
    wait: Seconds | None = None
    """Let time pass."""
    until: str | None = None
    """A JMESPath condition on the reply to `call`, asked again `every` so often, for `timeout` at most."""
    every: Period = 60.0
    """How often `until` is asked."""
    timeout: Seconds = 3600.0
    """How long `until` is asked before the step has failed."""
    quiet_for: Seconds | None = None
    """With `until` on a time (`AccessKeyLastUsed.LastUsedDate`): it must lie this long in the past."""
    why: str = ""
    """What the step is for; runbooks are read by people."""

    @model_validator(mode="after")
    def one_thing(self) -> "Step":
        """A step does one thing; a condition needs the call whose reply it judges."""
        told = (self.call, self.wait, self.restore, self.steps or None)
        if sum(one is not None for one in told) != 1:
            raise ValueError("a step has either `call` or `wait` (or `restore`, or `each` with `steps`)")
        if self.steps and self.each is None:
            raise ValueError("`steps` are made for every item of `each`")
        if self.until and not self.call:
            raise ValueError("`until` judges the reply to a `call`")
        if self.pages and (self.call is None or vendor_call(self.call) is not None):
            raise ValueError("`pages` of a step is for calls of AWS")
        if self.call and vendor_call(self.call) is None and self.call.count(":") != 1:
            raise ValueError(f"{self.call!r} is not `service:Operation`, nor `okta METHOD /path`")
        return self
