"""Whether an API accepts a token: signed by a key that it trusts, meant for it, in time, with the scopes.

`validate(token, keys, expectations, now)` gives Accepted or Refused with its reason; `JwksCache` follows a key
set that rotates; `decide(question)` does it for one JSON object.
"""

from twin.semantics.tokens.decision import decide
from twin.semantics.tokens.expectations import Expectations
from twin.semantics.tokens.keys import FixedKeys, JwksCache, Keys
from twin.semantics.tokens.validation import validate
from twin.semantics.tokens.verdict import Accepted, Refused, Verdict

__all__ = ["Accepted", "Expectations", "FixedKeys", "JwksCache", "Keys", "Refused", "Verdict", "decide", "validate"]
