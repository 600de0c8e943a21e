"""What EKS makes for a cluster and its node groups, which is its to manage and nobody's to plan.

https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
"""

import re
from collections.abc import Mapping

NAME = re.compile(r"eks-(.+-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TAGS = ("eks:", "aws:eks:")


def made_by_eks(name: str, tags: Mapping[str, str]) -> bool:
    """Tell by its tags, or by its name where EKS sets no tags, whether an object is EKS's own."""
    return NAME.fullmatch(name) is not None or any(key.startswith(TAGS) for key in tags)
