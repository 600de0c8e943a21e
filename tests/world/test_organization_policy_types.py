"""Which types of policies are in force in a new organization."""

import pytest
from refused import refusal


@pytest.mark.parametrize(("features", "types"), [("ALL", ["SERVICE_CONTROL_POLICY"]), ("CONSOLIDATED_BILLING", [])])
def test_organization_of_all_features_begins_with_service_control_policies(clients, features, types):
    """They are enabled in the root by themselves, and not where only bills are consolidated; other types never are."""
    organizations = clients("organizations")
    organizations.create_organization(FeatureSet=features)
    [root] = organizations.list_roots()["Roots"]
    assert [one["Type"] for one in root["PolicyTypes"]] == types
    for kind in types:
        again = refusal(organizations.enable_policy_type, RootId=root["Id"], PolicyType=kind)
        assert again == ("PolicyTypeAlreadyEnabledException", 400)
