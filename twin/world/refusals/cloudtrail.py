"""What CloudTrail refuses about names and selectors of trails.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

import re

from twin.world.refusals import Asked, Refusal, refuses

NAME = re.compile(r"(?!.*[._-]{2})(?!\d+(?:\.\d+){3}$)[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]")
FIELDS = {
    "readOnly", "eventSource", "eventName", "eventCategory", "eventType", "errorCode", "resources.type",
    "resources.ARN", "sessionCredentialFromConsole", "userIdentity.arn", "vpcEndpointId",
}  # fmt: skip


@refuses("cloudtrail", "CreateTrail")
def name_of_a_trail(asked: Asked) -> None:
    """A name has 3 to 128 characters and is taken once in a Region."""
    name = str(asked.parameters.get("Name", ""))
    if not NAME.fullmatch(name):
        raise Refusal(
            "InvalidTrailNameException", f"Trail name must have 3 to 128 letters, numbers, '.', '_' or '-': {name}"
        )
    if name in asked.state().trails:
        arn = f"arn:aws:cloudtrail:{asked.call.region}:{asked.call.account}:trail/{name}"
        raise Refusal("TrailAlreadyExistsException", f"Trail {arn} already exists for customer: {asked.call.account}")


@refuses("cloudtrail", "PutEventSelectors")
def fields_of_a_selector(asked: Asked) -> None:
    """An advanced selector says of which category it is, by fields that events have."""
    for selector in asked.parameters.get("AdvancedEventSelectors") or ():
        fields = [each.get("Field") for each in selector.get("FieldSelectors") or ()]
        unknown = next((field for field in fields if field not in FIELDS), None)
        if unknown is not None:
            raise Refusal("InvalidEventSelectorsException", f"Invalid field {unknown} in an advanced event selector.")
        if "eventCategory" not in fields:
            raise Refusal(
                "InvalidEventSelectorsException", "An advanced event selector must have the field eventCategory."
            )
