"""What S3 refuses about the policies of access points.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
"""

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.policies import is_public, statements


@refuses("s3control", "PutAccessPointPolicy")
def public_policy_is_blocked(asked: Asked) -> None:
    """An access point blocks public policies unless it was made without that."""
    known = asked.state("s3control").access_points[asked.call.account]
    found = known.get(asked.parameters.get("Name"))
    blocked = found is not None and str(found.pubc["BlockPublicPolicy"]).lower() == "true"
    if blocked and any(is_public(one) for one in statements(asked.parameters.get("Policy") or "")):
        raise Refusal("AccessDenied", "Access Denied", 403)
