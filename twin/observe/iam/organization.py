"""Accounts of an organization and the control policies on the way down to each: of principals and of resources."""

from twin.observe.iam.org import Account, Document, Levels, text
from twin.observe.iam.reader import Reader
from twin.semantics.iam.policy import Kind

NOT_IN_USE = ("AWSOrganizationsNotInUseException",)
TYPES: dict[Kind, str] = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}


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
    return [policies.account(one["Id"], told["Id"]) for one in listed]


class _Policies:
    """The policies of targets, each read once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.targets: dict[tuple[str, Kind], tuple[Document, ...]] = {}
        self.documents: dict[str, Document] = {}
        self.parents: dict[str, str] = {}
        self.enabled: frozenset[str] | None = None

    def account(self, account: str, organization: str) -> Account:
        """Return an account with what binds its principals and its resources."""
        way = self._way(account)
        path = "/".join((organization, *way[:-1], ""))
        if account == self.reader.account:
            return Account(account, organization=organization, path=path)
        return Account(account, self._levels(way, "scp"), organization, self._levels(way, "rcp"), path)

    def _levels(self, way: list[str], kind: Kind) -> Levels | None:
        """Return what each level says; None where policies of the kind are not enabled, and bind nobody."""
        if self.enabled is None:
            self.enabled = self._enabled()
        return tuple((target, self._of(target, kind)) for target in way) if TYPES[kind] in self.enabled else None

    def _enabled(self) -> frozenset[str]:
        roots = self.reader.read("organizations", "ListRoots").get("Roots")
        types = ((one["Type"], one["Status"]) for root in roots or () for one in root.get("PolicyTypes", ()))
        # Where the root was not shown, its policies are taken to bind as they are attached.
        return frozenset(name for name, status in types if status == "ENABLED") if roots else frozenset(TYPES.values())

    def _way(self, account: str) -> list[str]:
        """Return the ids of the levels from the root down to an account."""
        way = [account]
        while not way[-1].startswith("r-"):
            parent = self._parent(way[-1])
            if not parent:
                break
            way.append(parent)
        return way[::-1]

    def _parent(self, child: str) -> str:
        if child not in self.parents:
            found = self.reader.read("organizations", "ListParents", {"ChildId": child}).get("Parents", ())
            self.parents[child] = found[0]["Id"] if found else ""
        return self.parents[child]

    def _of(self, target: str, kind: Kind) -> tuple[Document, ...]:
        if (target, kind) not in self.targets:
            wanted = {"TargetId": target, "Filter": TYPES[kind]}
            told = self.reader.read("organizations", "ListPoliciesForTarget", wanted)
            if "Policies" in told:
                found = tuple(self._document(one["Id"], kind) for one in told["Policies"])
            else:
                found = (unlimited(f"the policies of {target}", kind),)
            self.targets[target, kind] = found
        return self.targets[target, kind]

    def _document(self, policy: str, kind: Kind) -> Document:
        if policy not in self.documents:
            told = self.reader.read("organizations", "DescribePolicy", {"PolicyId": policy}).get("Policy")
            self.documents[policy] = (
                Document(told["PolicySummary"]["Name"], text(told["Content"])) if told else unlimited(policy, kind)
            )
        return self.documents[policy]


def unlimited(name: str, kind: Kind) -> Document:
    """Stand in for a policy that was not shown, by one that limits nothing: who is reached is never told too few."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*", **({"Principal": "*"} if kind == "rcp" else {})}
    return Document(f"{name}, not shown", text({"Version": "2012-10-17", "Statement": [everything]}))
