"""Metadata of SAML providers: AWS takes none that it cannot read."""

from twin.semantics.saml import Untrusted, metadata
from twin.world.refusals import Asked, Refusal, refuses


@refuses("iam", "CreateSAMLProvider", "UpdateSAMLProvider")
def readable_metadata(asked: Asked) -> None:
    """The document describes an identity provider with a certificate, as IAM parses it."""
    text = asked.parameters.get("SAMLMetadataDocument")
    if text is None:
        return
    try:
        metadata(str(text))
    except Untrusted:
        raise Refusal("InvalidInput", "Could not parse metadata") from None
