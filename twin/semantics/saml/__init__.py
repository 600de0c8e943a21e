"""Whether a SAML 2.0 response proves who somebody is: signed by the provider's key, in time, for whom it is meant.

`read(response, certificates, now)` gives an Assertion or raises Untrusted with its reason; `metadata(text)` gives a
provider's entity id and certificates.
"""

from twin.semantics.saml.assertion import Assertion, read
from twin.semantics.saml.provider import Provider, metadata
from twin.semantics.saml.untrusted import Untrusted

__all__ = ["Assertion", "Provider", "Untrusted", "metadata", "read"]
