"""Security Hub in an organization: who designates its administrator, what that one sees, who becomes a member."""

import pytest
from hub_findings import ACCOUNT, REGION, own
from refused import refusal

from twin.world.world import World

ADMIN, MEMBER, OUTSIDE = "111111111111", "222222222222", "333333333333"


@pytest.fixture
def world(clock):
    """A world of four accounts."""
    made = World(7, clock, accounts=(ACCOUNT, ADMIN, MEMBER, OUTSIDE))
    yield made
    made.close()


def join(clients, account):
    """Let an account join the organization."""
    told = clients("organizations").invite_account_to_organization(Target={"Id": account, "Type": "ACCOUNT"})
    clients("organizations", account=account).accept_handshake(HandshakeId=told["Handshake"]["Id"])


@pytest.fixture
def org(clients):
    """An organization of the first three accounts: those for security and for an application."""
    clients("organizations").create_organization(FeatureSet="ALL")
    for account in (ADMIN, MEMBER):
        join(clients, account)
    return ADMIN, MEMBER


def hub(clients, account, region=REGION):
    """Security Hub of an account."""
    return clients("securityhub", account=account, region=region)


def of(account, region=REGION, **more):
    """A finding of an account's own product."""
    arn = f"arn:aws:securityhub:{region}:{account}:product/{account}/default"
    return own(f"of-{account}", AwsAccountId=account, ProductArn=arn, **more)


def ids(client):
    """The accounts whose findings are seen."""
    return sorted({one["AwsAccountId"] for one in client.get_findings(Filters=CUSTOM)["Findings"]})


CUSTOM = {"CompanyName": [{"Value": "Personal", "Comparison": "EQUALS"}]}


def test_only_the_management_account_designates_an_administrator(clients, org):
    """Nobody else may, not even the one who is it; an account outside and a second administrator are refused."""
    admin, member = org
    told = {"AdminAccountId": admin}
    for account in (admin, member, OUTSIDE):
        client = hub(clients, account)
        assert refusal(client.enable_organization_admin_account, **told) == ("AccessDeniedException", 403)
        assert refusal(client.list_organization_admin_accounts) == ("AccessDeniedException", 403)
    root = hub(clients, ACCOUNT)
    assert refusal(root.enable_organization_admin_account, AdminAccountId=OUTSIDE)[0] == "InvalidInputException"
    root.enable_organization_admin_account(**told)
    assert refusal(root.enable_organization_admin_account, AdminAccountId=member)[0] == "InvalidInputException"
    assert root.list_organization_admin_accounts()["AdminAccounts"] == [{"AccountId": admin, "Status": "ENABLED"}]
    assert hub(clients, ACCOUNT, "eu-west-1").list_organization_admin_accounts()["AdminAccounts"] == []


def test_a_designated_account_has_security_hub_and_organizations_knows_it(clients, org):
    """It cannot disable its hub while it is the administrator; what Organizations takes back is gone everywhere."""
    admin, _ = org
    hub(clients, ACCOUNT).enable_organization_admin_account(AdminAccountId=admin)
    client, organizations = hub(clients, admin), clients("organizations")
    assert client.describe_hub()["HubArn"] == f"arn:aws:securityhub:{REGION}:{admin}:hub/default"
    assert refusal(hub(clients, ACCOUNT).describe_hub)[0] == "InvalidAccessException"
    service = {"ServicePrincipal": "securityhub.amazonaws.com"}
    (one,) = organizations.list_delegated_administrators(**service)["DelegatedAdministrators"]
    assert one["Id"] == admin
    assert refusal(client.disable_security_hub)[0] == "InvalidInputException"
    organizations.deregister_delegated_administrator(AccountId=admin, **service)
    assert hub(clients, ACCOUNT).list_organization_admin_accounts()["AdminAccounts"] == []
    client.disable_security_hub()


def test_the_administrator_sees_and_marks_its_members_findings(clients, org, world):
    """Not before they are members, and not the other way round; EventBridge tells both of them."""
    admin, member = org
    hub(clients, ACCOUNT).enable_organization_admin_account(AdminAccountId=admin)
    boss, own_hub = hub(clients, admin), hub(clients, member)
    own_hub.enable_security_hub(EnableDefaultStandards=False)
    own_hub.batch_import_findings(Findings=[of(member)])
    assert ids(boss) == []
    assert boss.create_members(AccountDetails=[{"AccountId": member}])["UnprocessedAccounts"] == []
    boss.batch_import_findings(Findings=[of(admin)])
    assert (ids(boss), ids(own_hub)) == ([admin, member], [member])
    which = [{"Id": of(member)["Id"], "ProductArn": of(member)["ProductArn"]}]
    theirs = [{"Id": of(admin)["Id"], "ProductArn": of(admin)["ProductArn"]}]
    mark = {"Workflow": {"Status": "NOTIFIED"}}
    assert boss.batch_update_findings(FindingIdentifiers=which, **mark)["ProcessedFindings"] == which
    assert own_hub.batch_update_findings(FindingIdentifiers=theirs, **mark)["ProcessedFindings"] == []
    told = [
        one.facts["account"]
        for one in world.scene.happenings
        if one.kind == "aws.event" and one.facts["source"] == "aws.securityhub"
    ]
    assert told == [member, admin, member, admin]
    assert own_hub.get_administrator_account()["Administrator"]["AccountId"] == admin
    assert boss.get_administrator_account().get("Administrator") is None
    boss.disassociate_members(AccountIds=[member])
    assert ids(boss) == [admin]
    assert boss.list_members()["Members"] == []
    assert boss.list_members(OnlyAssociated=False)["Members"][0]["MemberStatus"] == "REMOVED"


def test_an_aggregating_administrator_sees_members_of_linked_regions(clients, org):
    """Only of those Regions in which it is designated and they are its members."""
    admin, member = org
    for region in (REGION, "eu-west-1"):
        hub(clients, ACCOUNT, region).enable_organization_admin_account(AdminAccountId=admin)
        hub(clients, member, region).enable_security_hub(EnableDefaultStandards=False)
        hub(clients, member, region).batch_import_findings(Findings=[of(member, region)])
    boss = hub(clients, admin)
    boss.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    assert ids(boss) == []
    hub(clients, admin, "eu-west-1").create_members(AccountDetails=[{"AccountId": member}])
    assert [one["Region"] for one in boss.get_findings(Filters=CUSTOM)["Findings"]] == ["eu-west-1"]


def test_new_accounts_become_members_where_the_administrator_wants_it(clients, org):
    """Created or invited; one that was there before is none, and who is no administrator has no say."""
    admin, member = org
    hub(clients, ACCOUNT).enable_organization_admin_account(AdminAccountId=admin)
    boss = hub(clients, admin)
    assert boss.describe_organization_configuration()["AutoEnable"] is False
    hub(clients, member).enable_security_hub()
    refused = refusal(hub(clients, member).update_organization_configuration, AutoEnable=True)
    assert refused == ("InvalidAccessException", 401)
    boss.update_organization_configuration(AutoEnable=True, AutoEnableStandards="NONE")
    made = clients("organizations").create_account(AccountName="new", Email="n@acme.example")["CreateAccountStatus"]
    join(clients, OUTSIDE)
    first, second = boss.list_members()["Members"]
    assert (first["AccountId"], first["Email"], first["MemberStatus"]) == (
        made["AccountId"],
        "n@acme.example",
        "ENABLED",
    )
    assert (second["AccountId"], second["AdministratorId"]) == (OUTSIDE, admin)
    assert hub(clients, OUTSIDE).get_enabled_standards()["StandardsSubscriptions"] == []
    clients("organizations").remove_account_from_organization(AccountId=OUTSIDE)
    assert [one["AccountId"] for one in boss.list_members()["Members"]] == [made["AccountId"]]
    central = {"OrganizationConfiguration": {"ConfigurationType": "CENTRAL"}}
    assert refusal(boss.update_organization_configuration, AutoEnable=False, **central)[0] == "TwinUnsupportedOperation"


def test_members_lose_their_administrator_when_it_is_dismissed(clients, org):
    """In that Region; their hubs stay, and another account may be designated."""
    admin, member = org
    root = hub(clients, ACCOUNT)
    root.enable_organization_admin_account(AdminAccountId=admin)
    hub(clients, admin).create_members(AccountDetails=[{"AccountId": member}])
    assert refusal(root.disable_organization_admin_account, AdminAccountId=member)[0] == "InvalidInputException"
    root.disable_organization_admin_account(AdminAccountId=admin)
    assert hub(clients, member).get_administrator_account().get("Administrator") is None
    root.enable_organization_admin_account(AdminAccountId=member)
    assert root.list_organization_admin_accounts()["AdminAccounts"][0]["AccountId"] == member
