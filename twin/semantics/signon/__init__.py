"""Who may sign in to Okta and what is demanded: policies in order, their first rule that fits, and its assurance.

`evaluate(policies, context)` gives the Outcome of the policies of one type; `decide(question)` answers one JSON object.
"""

from twin.semantics.signon.context import Context
from twin.semantics.signon.evaluation import Outcome, evaluate
from twin.semantics.signon.question import decide

__all__ = ["Context", "Outcome", "decide", "evaluate"]
