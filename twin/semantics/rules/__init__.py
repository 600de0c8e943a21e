"""Cloudflare's rules language: parse an expression, compile it, ask it about a request.

`parse(text)` gives a typed tree or raises a RuleError that points at a character; `compiled(tree)` gives a
function of `fields(values)`; `written(tree)` gives the text back; `decide(question)` does it all at once.
"""

from twin.semantics.rules.compiling import compiled
from twin.semantics.rules.decision import decide
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.parsing import LONGEST, parse
from twin.semantics.rules.printing import written
from twin.semantics.rules.values import fields, plain

__all__ = ["LONGEST", "RuleError", "compiled", "decide", "fields", "parse", "plain", "written"]
