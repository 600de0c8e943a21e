"""What Config refuses about the names of rules.

https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigRules.html
"""

from twin.world.refusals import Asked, Refusal, refuses


@refuses("config", "DescribeConfigRules")
def rules_are_there(asked: Asked) -> None:
    """A rule that is named is there, also where there are no rules at all."""
    for name in asked.parameters.get("ConfigRuleNames") or ():
        if name not in asked.state().config_rules:
            message = f"The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
            raise Refusal("NoSuchConfigRuleException", message)
