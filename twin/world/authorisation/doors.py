"""What a request through an access point of S3 asks for: the access point and the bucket must both let it through.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html. That policies of a caller from
another account are asked about the access point alone is assumed.
"""

from dataclasses import replace

from twin.world.access_point import AccessPoint
from twin.world.authorisation.ask import Ask
from twin.world.authorisation.endpoints import endpoint_facts
from twin.world.aws_errors import AwsError


def through(door: AccessPoint, asks: list[Ask], *, endpoint: str) -> list[Ask]:
    """Ask the access point before each question about its bucket; `endpoint` is the one that the call came through."""
    if door.vpc and (not endpoint or endpoint_facts(endpoint).get("aws:SourceVpc") != door.vpc):
        raise AwsError("AccessDenied", "Access Denied", 403)
    found = []
    inside = f"arn:aws:s3:::{door.bucket}"
    for ask in asks:
        context = ask.context | door.facts
        if ask.resource.startswith((f"{inside}/", inside)) and ask.resource.removeprefix(inside)[:1] in ("", "/"):
            key = ask.resource.removeprefix(inside)
            place = f"{door.arn}/object{key}" if key else door.arn
            found.append(replace(ask, resource=place, owner=door.account, context=context, behind=ask.resource))
            found.append(replace(ask, context=context, passed=True))
        else:
            found.append(ask)
    return found
