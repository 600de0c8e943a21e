"""Who may do what on AWS: policies compiled once, and the documented evaluation logic over them."""

from twin.semantics.iam.case import Request
from twin.semantics.iam.decision import Decision, Level, Policies, Reason
from twin.semantics.iam.grants import Grant, compile_grant
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.policy import Policy, compile_policy
from twin.semantics.iam.procedure import decide

__all__ = [
    "Decision",
    "Grant",
    "Level",
    "Policies",
    "Policy",
    "PolicyError",
    "Reason",
    "Request",
    "compile_grant",
    "compile_policy",
    "decide",
]
