"""Accounts of an organization and the service control policies on the way down to each."""

from collections.abc import Iterator

from twin.observe.iam.org import Account, Document, text
from twin.observe.iam.reader import Reader

NOT_IN_USE = ("AWSOrganizationsNotInUseException",)


def accounts(reader: Reader) -> list[Account]:
    """Return all accounts; the reader's own alone where there is no organization or it may not ask."""
    own = [Account(reader.account)]
    told = reader.read("organizations", "DescribeOrganization", absent=NOT_IN_USE).get("Organization")
    if not told or told.get("MasterAccountId") != reader.account:
        if told:
            master = told.get("MasterAccountId")
            reader.gaps.append(f"{reader.account}: the organization's policies are read in its account {master} only")
        return [Account(reader.account, organization=told["Id"])] if told else own
    listed = reader.read("organizations", "ListAccounts").get("Accounts", ())
    if all(one["Id"] != reader.account for one in listed):
        return [Account(reader.account, organization=told["Id"])]  # the list was not shown: what is here still counts
    policies = _Policies(reader)
    return [
        Account(one["Id"], None if one["Id"] == reader.account else tuple(policies.levels(one["Id"])), told["Id"])
        for one in listed
    ]


class _Policies:
    """The policies of targets, each read once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.targets: dict[str, tuple[Document, ...]] = {}
        self.documents: dict[str, Document] = {}
        self.parents: dict[str, str] = {}

    def levels(self, account: str) -> Iterator[tuple[str, tuple[Document, ...]]]:
        """Yield the levels from the root down to an account."""
        way = [account]
        while not way[-1].startswith("r-"):
            parent = self._parent(way[-1])
            if not parent:
                break
            way.append(parent)
        for target in reversed(way):
            yield target, self._of(target)

    def _parent(self, child: str) -> str:
        if child not in self.parents:
            found = self.reader.read("organizations", "ListParents", {"ChildId": child}).get("Parents", ())
            self.parents[child] = found[0]["Id"] if found else ""
        return self.parents[child]

    def _of(self, target: str) -> tuple[Document, ...]:
        if target not in self.targets:
            wanted = {"TargetId": target, "Filter": "SERVICE_CONTROL_POLICY"}
            told = self.reader.read("organizations", "ListPoliciesForTarget", wanted)
            if "Policies" in told:
                self.targets[target] = tuple(self._document(one["Id"]) for one in told["Policies"])
            else:
                self.targets[target] = (_unseen(f"the policies of {target}"),)
        return self.targets[target]

    def _document(self, policy: str) -> Document:
        if policy not in self.documents:
            told = self.reader.read("organizations", "DescribePolicy", {"PolicyId": policy}).get("Policy")
            self.documents[policy] = (
                Document(told["PolicySummary"]["Name"], text(told["Content"])) if told else _unseen(policy)
            )
        return self.documents[policy]


def _unseen(name: str) -> Document:
    """Stand in for a policy that was not shown, by one that limits nothing: who is reached is never told too few."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return Document(f"{name}, not shown", text({"Version": "2012-10-17", "Statement": [everything]}))
