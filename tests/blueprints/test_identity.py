"""What people, machines and their permissions become."""

import pytest

from tests.blueprints.built import HEAD, build, refused, under
from twin.resources.reference import references

PEOPLE = """\
workforce:
  groups: {platform: {}, engineering: {departments: [Engineering, Research]}}
  people:
    ada: {name: Ada Maria Park, email: ada@acme.example, groups: [platform]}
    ben: {name: Ben Ito, email: ben@acme.example, manager: ada}
  zones: {office: {ranges: [203.0.113.0/24]}}
  apps:
    aws: {kind: aws, groups: [platform]}
    spa: {kind: oidc, client: spa, redirect_uris: [https://spa.acme.example/in]}
  roles: {admin: {groups: [platform], policies: [AdministratorAccess], session: 2h}}
"""


def test_people_have_two_names_and_a_manager() -> None:
    """The last word is the family name."""
    built = build(PEOPLE)
    ada = built.get("okta.user", "ada")
    assert (ada.first_name, ada.last_name) == ("Ada Maria", "Park")
    assert built.get("okta.user", "ben").profile == {"manager": "Ada Maria Park", "managerId": "ada@acme.example"}
    assert built.names("okta.membership") == ["ada-platform"]
    assert built.problems() == []


def test_a_department_joins_by_rule() -> None:
    """The departments of a group become one expression."""
    rule = build(PEOPLE).get("okta.group_rule", "engineering-departments")
    assert rule.expression == 'user.department=="Engineering" OR user.department=="Research"'


def test_only_the_identity_provider_opens_workforce_roles() -> None:
    """The role trusts the SAML provider for AWS's own sign-in, and the assertion names the role to its groups alone."""
    built = build(PEOPLE)
    role = built.get("aws.iam.role", "admin")
    trust = role.trust["Statement"][0]
    assert trust["Principal"] == {"Federated": "${aws.iam.saml_provider.okta.arn}"}
    assert trust["Condition"] == {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    assert role.max_session == 7200
    said = built.get("okta.app_saml", "aws").attributes[0].values
    assert said == [
        '(isMemberOfGroupName("platform")) ? "arn:aws:iam::111122223333:role/acme-test-admin,'
        'arn:aws:iam::111122223333:saml-provider/acme-test-okta" : ""'
    ]


def test_a_browser_client_has_no_secret() -> None:
    """Single page apps prove themselves by PKCE."""
    app = build(PEOPLE).get("okta.app_oidc", "spa")
    assert (app.application_type, app.token_endpoint_auth_method, app.pkce_required) == ("browser", "none", True)


def test_sign_in_from_elsewhere_is_refused_when_a_zone_is_named() -> None:
    """A first rule lets the zone in, a second refuses everybody else; without a zone there is one rule."""
    anywhere = build(PEOPLE).get("okta.global_session_policy", "sessions")
    office = build(PEOPLE + "  only_from: office\n").get("okta.global_session_policy", "sessions")
    assert [rule.access for rule in anywhere.rules] == ["ALLOW"]
    assert [(r.access, r.zones) for r in office.rules] == [("ALLOW", ["${okta.network_zone.office.id}"]), ("DENY", [])]


def test_policies_let_go_of_authenticators_before_they_rest() -> None:
    """The enrolment names authenticators by reference."""
    policy = build(PEOPLE).get("okta.enrollment_policy", "factors")
    assert {str(r.address) for r in references(policy.values())} >= {"okta.authenticator.webauthn"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("people: {ada: {name: Ada, email: ada@acme.example}}", "TW0734"),
        ("{groups: {g: {}}, roles: {admin: {groups: [g]}}}", "TW0735"),
    ],
)
def test_what_no_vendor_could_hold_is_refused(spec: str, expected: str) -> None:
    """One name, roles without a way in."""
    text = f"workforce:\n  {spec}\n" if spec.startswith("people") else f"workforce: {spec}\n"
    assert [code for code, _ in refused(text)] == [expected]


MACHINES = """\
iam:
  groups: {machines: {policies: [ReadOnlyAccess]}}
  users:
    uploader:
      groups: [machines]
      statements: [{actions: ["sqs:SendMessage"], resources: [data.queues.jobs]}]
  roles: {worker: {service: ec2.amazonaws.com}}
encryption: {keys: {data: {purpose: Data, users: [worker]}}}
data:
  buckets: {lake: {key: data, access: {write: [uploader], read: [worker]}}}
  queues: {jobs: {}}
  secrets: {pager: {key: data, readers: [worker]}}
"""


def test_an_access_key_goes_into_a_secret() -> None:
    """Each key of a user has a secret that takes it, and stands nowhere else."""
    built = build(MACHINES)
    key = built.get("aws.iam.access_key", "uploader-key")
    assert (key.user, key.store) == ("${aws.iam.user.uploader.id}", "${aws.secretsmanager.secret.uploader-key.arn}")
    assert built.get("aws.secretsmanager.secret", "uploader-key").name == "acme-test-uploader-key"
    assert built.problems() == []


def test_an_identity_may_do_what_the_items_of_the_spec_give_it() -> None:
    """Buckets and secrets add to the identity's own statements, keys included, and nothing more."""
    uploader = build(MACHINES).get("aws.iam.policy", "uploader").policy["Statement"]
    assert uploader == [
        {
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:us-east-1:111122223333:acme-test-jobs",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": "arn:aws:s3:::acme-test-lake-111122223333/*",
        },
        {
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": "${aws.kms.key.data.arn}",
        },
    ]


def test_permissions_stand_apart_from_their_role() -> None:
    """A key names the role and the role's policy the key, which is no circle."""
    built = build(MACHINES)
    assert built.get("aws.iam.role", "worker").inline == {}
    assert built.names("aws.iam.instance_profile") == ["worker"]
    assert built.problems() == []


def test_a_statement_can_only_name_what_has_an_arn() -> None:
    """The line of the value is told."""
    spec = under("iam", 'users:\n  u:\n    statements:\n      - actions: ["s3:*"]\n        resources: [org.name]\n')
    assert refused(spec) == [("TW0724", "resources: [org.name]")]


def test_delivery_trusts_single_branches_and_environments() -> None:
    """No wildcard in the token's subject, and AWS's own audience."""
    built = build("delivery: {roles: {ship: {repository: acme/infra, branches: [main], environments: [production]}}}\n")
    condition = built.get("aws.iam.role", "ship").trust["Statement"][0]["Condition"]["StringEquals"]
    assert condition == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": [
            "repo:acme/infra:ref:refs/heads/main",
            "repo:acme/infra:environment:production",
        ],
    }
    assert built.problems() == []


def test_customers_sign_in_without_sending_their_password() -> None:
    """Secure remote password alone, and scopes that begin with their API's identifier."""
    built = build(
        """\
        customers:
          mfa: required
          apis: {orders: {identifier: https://api.acme.example, scopes: {read: Read}}}
          clients: {web: {callback_urls: [https://acme.example/in], scopes: [openid, orders/read], access_token: 15m}}
        """
    )
    client = built.get("aws.cognito.client", "web")
    assert client.auth_flows == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert client.oauth_scopes == ["openid", "${aws.cognito.resource_server.orders.identifier}/read"]
    assert (client.access_token_minutes, built.get("aws.cognito.user_pool", "main").mfa) == (15, "ON")
    assert built.problems() == []


def test_eleven_people_do_not_fit_on_the_free_plan_for_developers(monkeypatch) -> None:
    """Ten do; a paid org takes more. The finding stands at the people."""

    def people(count: int) -> str:
        rows = "".join(f"    p{n}: {{name: Pat Lee, email: p{n}@acme.example}}\n" for n in range(count))
        return f"workforce:\n  people:\n{rows}"

    monkeypatch.setattr("tests.blueprints.built.HEAD", HEAD.replace("okta.com}", "okta.com, plan: integrator}"))
    assert refused(people(10)) == []
    assert refused(people(11)) == [("TW0664", "people:")]
    monkeypatch.undo()
    assert refused(people(11)) == []
