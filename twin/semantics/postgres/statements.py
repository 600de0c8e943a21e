"""Statements about PostgreSQL's roles, read into what they mean; every other statement is refused by name."""

import re
from dataclasses import dataclass
from typing import Literal

Verb = Literal["create", "alter", "drop", "select"]
# https://www.postgresql.org/docs/16/sql-syntax-lexical.html: names in double quotes keep their case, '' is a quote.
TOKEN = re.compile(r"""\s*(?:"((?:[^"]|"")+)"|'((?:[^']|'')*)'|([A-Za-z_][\w$]*)|(\d+|[();,*]))""")
SYNTAX_ERROR, NOT_SUPPORTED = "42601", "0A000"
KINDS = ("role", "user")
STATEMENTS = ("create", "alter", "drop")
# https://www.postgresql.org/docs/16/sql-createrole.html and sql-alterrole.html: what an error may name of an option,
# because it cannot be a password that lacks its quotes.
OPTIONS = frozenset(
    {
        "superuser", "nosuperuser", "createdb", "nocreatedb", "createrole", "nocreaterole", "inherit", "noinherit",
        "replication", "noreplication", "bypassrls", "nobypassrls", "connection", "valid", "in", "role", "admin",
        "user", "group", "sysid", "rename", "set", "reset", "unencrypted", "encrypted", "with",
    }
)  # fmt: skip
Token = tuple[str, str]


class SqlError(Exception):
    """What PostgreSQL answers a statement or a log-in with, by its SQLSTATE."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement does to a role; a `login` or a `password` of None leaves it as it is."""

    verb: Verb
    role: str = ""
    login: bool | None = None
    password: str | None = None
    if_exists: bool = False


def read(text: str) -> Statement:
    """Read one statement; SqlError for what is no SQL, and for SQL that is about no role."""
    tokens = _tokens(text)
    words = [value if kind == "word" else "" for kind, value in tokens[:2]]
    if words[:1] == ["select"]:
        return _select(tokens)
    if len(words) < 2 or words[0] not in STATEMENTS or words[1] not in KINDS:
        told = words if words[:1] and words[0] in STATEMENTS else words[:1]
        raise SqlError(NOT_SUPPORTED, f"the twin's databases know no {' '.join(told).upper().strip()}, only roles")
    return _drop(tokens[2:]) if words[0] == "drop" else _change(words[0], words[1], tokens[2:])


def _tokens(text: str) -> list[Token]:
    """Return the tokens of one statement, without the semicolon that may end it."""
    found: list[Token] = []
    at, text = 0, text.rstrip().removesuffix(";").rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _syntax("an unknown character" if text[at:].lstrip()[0] not in "'\"" else "an open quote")
        name, string, word, other = match.groups()
        if string is not None:
            found.append(("string", string.replace("''", "'")))
        elif name is not None:
            found.append(("name", name.replace('""', '"')))
        else:
            found.append(("word", word.lower()) if word else ("other", other))
        at = match.end()
    return found


def _select(tokens: list[Token]) -> Statement:
    """Read `SELECT 1` or `SELECT now()`, with which a rotation tries its password."""
    told = "".join(value for _, value in tokens[1:])
    if not re.fullmatch(r"\d+|now\(\)", told):
        raise SqlError(NOT_SUPPORTED, "the twin's databases hold no tables: SELECT 1 or SELECT now() is what they know")
    return Statement("select")


def _drop(tokens: list[Token]) -> Statement:
    if_exists = [value for _, value in tokens[:2]] == ["if", "exists"] and len(tokens) == 3
    role, rest = _role(tokens[2:] if if_exists else tokens)
    if rest:
        raise _unexpected(rest)
    return Statement("drop", role, if_exists=if_exists)


def _change(verb: str, kind: str, tokens: list[Token]) -> Statement:
    if verb == "alter" and tokens[:1] == [("word", "all")]:
        raise SqlError(NOT_SUPPORTED, f"the twin's databases know no ALTER {kind.upper()} ALL, only one role at a time")
    role, rest = _role(tokens)
    login: bool | None = (kind == "user") if verb == "create" else None
    password: str | None = None
    if rest[:1] == [("word", "with")]:
        rest = rest[1:]
    while rest:
        (sort, word), *rest = rest
        if sort == "word" and word in ("login", "nologin"):
            login = word == "login"
        elif sort == "word" and word == "encrypted" and rest[:1] == [("word", "password")]:
            continue
        elif sort == "word" and word == "password" and rest and rest[0][0] == "string":
            password, rest = rest[0][1], rest[1:]
        elif sort == "word" and word == "password":
            raise _unexpected(rest)
        else:
            named = word.upper() if sort == "word" and word in OPTIONS else "such option"
            raise SqlError(NOT_SUPPORTED, f"the twin's roles know no {named}")
    return Statement("create" if verb == "create" else "alter", role, login, password)


def _role(tokens: list[Token]) -> tuple[str, list[Token]]:
    if not tokens or tokens[0][0] not in ("word", "name"):
        raise _unexpected(tokens)
    return tokens[0][1], tokens[1:]


def _unexpected(tokens: list[Token]) -> SqlError:
    """Return the error of a token that stands where none of its kind can."""
    if not tokens:
        return SqlError(SYNTAX_ERROR, "syntax error at end of input")
    kind, text = tokens[0]
    if kind == "other":
        return _syntax("a number" if text.isdecimal() else f'"{text}"')
    return _syntax(f"a {kind}")


def _syntax(near: str) -> SqlError:
    """Return an error that names the kind of what it is about, whose text may be a password."""
    return SqlError(SYNTAX_ERROR, f"syntax error at or near {near}")
