"""Statements about PostgreSQL's roles are read as PostgreSQL reads them; all else is refused by its SQLSTATE."""

import pytest

from twin.semantics.postgres.statements import SqlError, Statement, read


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("CREATE USER app WITH PASSWORD 'it''s';", Statement("create", "app", login=True, password="it's")),
        ('create role "App"', Statement("create", "App", login=False)),
        ("ALTER ROLE APP ENCRYPTED PASSWORD 'x' NOLOGIN", Statement("alter", "app", login=False, password="x")),
        ("ALTER USER app PASSWORD 'x'", Statement("alter", "app", password="x")),
        ("DROP USER IF EXISTS app", Statement("drop", "app", if_exists=True)),
        ("SELECT now()", Statement("select")),
    ],
)  # fmt: skip
def test_a_statement_is_read(text, meaning):
    """CREATE USER may log in and CREATE ROLE may not; names fold to lower case unless they are quoted."""
    assert read(text) == meaning


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DROP TABLE orders", "0A000"),
        ("SELECT * FROM orders", "0A000"),
        ("ALTER USER app SUPERUSER", "0A000"),
        ("ALTER USER app PASSWORD 'secret' 'secret'", "0A000"),
        ("ALTER USER app PASSWORD 'secret", "42601"),
        ("DROP USER app, other", "42601"),
        ("DROP USER app 'secret'", "42601"),
        ("DROP USER app secret", "42601"),
        ("DROP USER 'secret'", "42601"),
        ("ALTER USER app WITH secret", "0A000"),
        ("ALTER USER app PASSWORD secret", "42601"),
        ("ALTER USER app PASSWORD", "42601"),
        ("ALTER USER app PASSWORD 'x' secret", "0A000"),
        ("PASSWORD secret", "0A000"),
        ("ALTER ROLE ALL PASSWORD 'secret'", "0A000"),
        ("CREATE USER", "42601"),
        ("", "0A000"),
    ],
)  # fmt: skip
def test_what_is_no_statement_about_a_role_is_refused(text, code):
    """By the code that PostgreSQL has for it, and without repeating a password."""
    with pytest.raises(SqlError) as caught:
        read(text)
    assert caught.value.code == code
    assert "secret" not in caught.value.message.lower()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ALTER ROLE ALL NOLOGIN", "the twin's databases know no ALTER ROLE ALL, only one role at a time"),
        ("ALTER USER app NOSUPERUSER", "the twin's roles know no NOSUPERUSER"),
        ("DROP USER app, other", 'syntax error at or near ","'),
        ("DROP USER app 12345", "syntax error at or near a number"),
        ("DROP USER app 'x'", "syntax error at or near a string"),
        ("DROP USER", "syntax error at end of input"),
    ],
)  # fmt: skip
def test_an_error_names_what_cannot_be_a_password(text, told):
    """Marks and the options that PostgreSQL has by their text, all else by its kind."""
    with pytest.raises(SqlError) as caught:
        read(text)
    assert caught.value.message == told
