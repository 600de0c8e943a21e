"""The kinds of factors that users can enrol: by type and provider, and the authenticator that each belongs to.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/
"""

from dataclasses import dataclass

from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.policies import of_type
from twin.world.saas.okta.state import Org, Record


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of factor: the prefix of its ids, its authenticator, and what a message of it is called.

    `digits` is the length of a code that is sent; `pause` and `hasty` the seconds between two messages and the error of
    who does not wait.
    """

    type: str
    provider: str
    prefix: str
    authenticator: str
    method: str
    digits: int = 0
    pause: int = 0
    hasty: str = ""
    event: str = ""
    amr: tuple[str, ...] = ()


KINDS = (
    Kind("push", "OKTA", "opf", "okta_verify", "push", event="system.push.send_factor_verify_push", amr=("mfa", "swk")),
    Kind("token:software:totp", "OKTA", "ost", "okta_verify", "totp", amr=("mfa", "otp")),
    Kind("token:software:totp", "GOOGLE", "uft", "google_otp", "otp", amr=("mfa", "otp")),
    Kind("sms", "OKTA", "sms", "phone_number", "sms", digits=6, pause=30, hasty="E0000109",
         event="system.sms.send_factor_verify_message", amr=("mfa", "otp", "sms")),
    Kind("call", "OKTA", "clf", "phone_number", "voice", digits=5, pause=30, hasty="E0000133",
         event="system.voice.send_mfa_challenge_call", amr=("mfa", "otp", "tel")),
    Kind("email", "OKTA", "emf", "okta_email", "email", digits=6, pause=5, hasty="E0000118",
         event="system.email.send_factor_verify_message", amr=("mfa", "otp")),
    Kind("question", "OKTA", "ufs", "security_question", "security_question", amr=("mfa", "kba")),
    Kind("webauthn", "FIDO", "fwf", "webauthn", "webauthn", amr=("mfa", "hwk")),
)  # fmt: skip
CODE_LIFE = 300
QUESTIONS = {
    "disliked_food": "What is the food you least liked as a child?",
    "name_of_first_plush_toy": "What is the name of your first stuffed animal?",
    "first_award": "What did you earn your first medal or award for?",
    "favorite_security_question": "What is your favorite security question?",
    "favorite_toy": "What is the toy/stuffed animal you liked the most as a kid?",
    "first_computer_game": "What was the first computer game you played?",
    "favorite_movie_quote": "What is your favorite movie quote?",
    "first_sports_team_mascot": "What was the mascot of the first sports team you played on?",
    "first_music_purchase": "What music album or song did you first purchase?",
    "favorite_art_piece": "What is your favorite piece of art?",
    "grandmother_favorite_desert": "What was your grandmother's favorite dessert?",
    "first_thing_cooked": "What was the first thing you learned to cook?",
    "childhood_dream_job": "What was your dream job as a child?",
    "first_kiss_location": "Where did you have your first kiss?",
    "place_where_significant_other_was_met": "Where did you meet your spouse/significant other?",
    "favorite_vacation_location": "Where did you go for your favorite vacation?",
    "new_years_two_thousand": "Where were you on New Year's Eve in the year 2000?",
    "favorite_speaker_actor": "Who is your favorite speaker/orator?",
    "favorite_book_movie_character": "Who is your favorite book/movie character?",
    "favorite_sports_player": "Who is your favorite sports player?",
}


def kind_of(factor: Record) -> Kind:
    """Return the kind of a factor; one that is not simulated is refused by name."""
    asked = str(factor.get("factorType")), str(factor.get("provider"))
    for kind in KINDS:
        if (kind.type, kind.provider) == asked:
            return kind
    if asked[0] in ("token", "token:hardware", "token:hotp", "u2f", "web", "signed_nonce"):
        raise OktaError("E0000060", f"a factor {asked[0]} of the provider {asked[1]} is not simulated here")
    return refuse("factorType", f"factorType: '{asked[0]}' of the provider '{asked[1]}' is not a factor")


def offered(org: Org, user: Record, kind: Kind) -> str:
    """Return how the enrolment policy offers a kind to a user: REQUIRED, OPTIONAL, or empty when it does not."""
    authenticator = next((one for one in org.authenticators.values() if one["key"] == kind.authenticator), None)
    if authenticator is None or authenticator["status"] != "ACTIVE":
        return ""
    if authenticator["#methods"].get(kind.method, {}).get("status") != "ACTIVE":
        return ""
    told = _enrolment(org, user).get(kind.authenticator, "NOT_ALLOWED")
    return "" if told == "NOT_ALLOWED" else told


def _enrolment(org: Org, user: Record) -> dict[str, str]:
    """Return what the enrolment policy of a user says of each authenticator."""
    groups = {key for key, members in org.members.items() if user["id"] in members}
    for policy in of_type(org, "MFA_ENROLL"):
        people = ((policy["conditions"] or {}).get("people") or {}).get("groups") or {}
        fits = policy["system"] or groups & set(people.get("include") or [])
        if policy["status"] == "ACTIVE" and fits:
            return {row["key"]: row["enroll"]["self"] for row in policy["settings"]["authenticators"]}
    raise AssertionError("an org has a default enrolment policy")
