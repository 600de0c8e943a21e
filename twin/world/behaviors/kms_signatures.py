"""KMS: a signature that does not hold is refused, and not told as a value.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
"""

from twin.world.aws_call import Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import follows
from twin.world.scene import Scene


@follows("kms", "Verify")
def signature_holds(done: Done, _scene: Scene) -> None:
    """Refuse what the store says does not hold."""
    if not done.result.get("SignatureValid"):
        raise AwsError("KMSInvalidSignatureException", "")


@follows("kms", "VerifyMac")
def mac_holds(done: Done, _scene: Scene) -> None:
    """Refuse what the store says does not hold."""
    if not done.result.get("MacValid"):
        raise AwsError("KMSInvalidMacException", "")
