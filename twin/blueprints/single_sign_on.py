"""Single sign-on: the applications, who may open them, and the AWS roles that people assume through SAML."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import allow, document
from twin.blueprints.grants import attach
from twin.resources.aws.iam_federation import SamlProvider
from twin.resources.aws.iam_role import Role
from twin.resources.declaration import Declaration, Path
from twin.resources.okta.app_assignment import AppAssignment
from twin.resources.okta.app_oidc import AppOidc
from twin.resources.okta.app_saml import AppSaml, SamlAttribute
from twin.resources.okta.authorization_server import AccessPolicy, AuthorizationServer, Scopes, TokenRule
from twin.resources.okta.sign_on import AuthenticationPolicy, AuthenticationRule
from twin.spec.model.workforce import App, Workforce

AT: Path = ("workforce",)
ACS = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
CLIENTS = {"web": "web", "spa": "browser", "native": "native", "service": "service"}


def build(blueprint: Blueprint) -> None:
    """Declare the policy of sign-ins, the apps and the roles."""
    workforce = blueprint.org.workforce
    if workforce is None:
        return
    if workforce.apps:
        _policy(blueprint, workforce)
    for name, app in workforce.apps.items():
        at = (*AT, "apps", name)
        made = _aws(blueprint, name, app) if app.kind == "aws" else _client(blueprint, name, app)
        for index, group in enumerate(app.groups):
            assignment = AppAssignment(app=made.id, group=ref("okta.group", group), priority=index)
            blueprint.add(f"{name}-{group}", assignment, (*at, "groups", index))
    _roles(blueprint, workforce)
    if workforce.api:
        _api(blueprint, workforce)


def _policy(blueprint: Blueprint, workforce: Workforce) -> None:
    mfa, at = workforce.mfa, (*AT, "mfa")
    rule = AuthenticationRule(
        name="sign-in",
        factors="2FA" if mfa.required else "1FA",
        phishing_resistant=mfa.phishing_resistant,
        reauthenticate_in=f"PT{max(1, int(workforce.sessions.lifetime.total_seconds()) // 3600)}H",
    )
    policy = AuthenticationPolicy(
        name=f"{blueprint.scope.org}-apps", description="Sign-in to applications", rules=[rule]
    )
    blueprint.add("apps", policy, at, {"rules": at})


def _client(blueprint: Blueprint, name: str, app: App) -> Declaration:
    at, service, browser = (*AT, "apps", name), app.client == "service", app.client in ("spa", "native")
    resource = AppOidc(
        label=app.label or name,
        authentication_policy=None if service else ref("okta.authentication_policy", "apps"),
        application_type=CLIENTS[app.client],
        grant_types=["client_credentials"] if service else ["authorization_code", "refresh_token"],
        response_types=["token"] if service else ["code"],
        redirect_uris=list(app.redirect_uris),
        post_logout_redirect_uris=list(app.logout_uris),
        token_endpoint_auth_method="none" if browser else "client_secret_basic",
        pkce_required=not service,
    )
    places: dict[str, Path] = {"redirect_uris": (*at, "redirect_uris"), "application_type": (*at, "client")}
    places |= {"post_logout_redirect_uris": (*at, "logout_uris"), "label": (*at, "label")}
    return blueprint.add(name, resource, at, places)


def _aws(blueprint: Blueprint, name: str, app: App) -> Declaration:
    """Declare the SAML app whose assertions name the roles that the person's groups open."""
    at, workforce = (*AT, "apps", name), blueprint.org.workforce
    provider = blueprint.scope.arn("iam", f"saml-provider/{blueprint.name('okta')}", region="")
    values = []
    for role, intent in workforce.roles.items() if workforce else ():
        arn = blueprint.scope.arn("iam", f"role/{blueprint.name(role)}", region="")
        member = " OR ".join(f'isMemberOfGroupName("{group}")' for group in intent.groups)
        values.append(f'({member}) ? "{arn},{provider}" : ""')
    attributes = [
        SamlAttribute(name=f"{ATTRIBUTES}Role", values=values),
        SamlAttribute(name=f"{ATTRIBUTES}RoleSessionName", values=["user.login"]),
    ]
    resource = AppSaml(
        label=app.label or name,
        authentication_policy=ref("okta.authentication_policy", "apps"),
        acs_url=ACS,
        audience="urn:amazon:webservices",
        attributes=attributes,
    )
    made = blueprint.add(name, resource, at, {"label": (*at, "label"), "attributes": (*AT, "roles")})
    identity = SamlProvider(name=blueprint.name("okta"), metadata=made.ref("metadata"))
    blueprint.add("okta", identity, at)
    return made


def _roles(blueprint: Blueprint, workforce: Workforce) -> None:
    if workforce.roles and not any(app.kind == "aws" for app in workforce.apps.values()):
        message = "nobody can assume these roles: no app leads into AWS"
        blueprint.problem("TW0735", message, (*AT, "roles"), "add one under `apps` with `kind: aws`")
        return
    federated = {"Federated": ref("aws.iam.saml_provider", "okta", "arn")}
    for name, intent in workforce.roles.items():
        at = (*AT, "roles", name)
        statement = allow("sts:AssumeRoleWithSAML", to=federated, when={"StringEquals": {"SAML:aud": ACS}})
        role = Role(
            name=blueprint.name(name),
            description=intent.description or f"For {', '.join(intent.groups)}",
            trust=document([statement]),
            max_session=int(intent.session.total_seconds()),
        )
        places = {"max_session": (*at, "session"), "description": (*at, "description")}
        blueprint.add(name, role, at, {**places, "trust": (*at, "groups")})
        attach(blueprint, "role", name, intent, at)


def _api(blueprint: Blueprint, workforce: Workforce) -> None:
    """Declare the authorization server of the org's own APIs."""
    api, at = workforce.api, (*AT, "api")
    if api is None:
        return
    rule = TokenRule(
        name="tokens",
        grant_types=["authorization_code", "client_credentials"],
        groups=[ref("okta.group", group) for group in api.groups],
        scopes=["*"],
        access_token_minutes=int(api.token_lifetime.total_seconds()) // 60,
    )
    server = AuthorizationServer(
        name=f"{blueprint.scope.org}-api",
        description=f"Tokens for {api.audience}",
        audiences=[api.audience],
        scopes=[Scopes(name=name, description=text) for name, text in api.scopes.items()],
        policies=[AccessPolicy(name="members", clients=["ALL_CLIENTS"], rules=[rule])],
    )
    blueprint.add("api", server, at, {"audiences": (*at, "audience"), "scopes": (*at, "scopes"), "policies": at})
