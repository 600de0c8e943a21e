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
        ("CREATE USER", "42601"),
        ("", "0A000"),
    ],
)  # fmt: skip
def test_what_is_no_statement_about_a_role_is_refused(text, code):
    """By the code that PostgreSQL has for it, and without repeating a password."""
    with pytest.raises(SqlError) as caught:
        read(text)
    assert caught.value.code == code
    assert "secret" not in caught.value.message
