"""Triggers that let rows be added to a table, and neither changed nor deleted."""

from __future__ import annotations

from alembic import op

_POSTGRESQL = (
    """CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the table {table} is append-only'; END $$""",
    """CREATE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()""",
    """CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()""",
)
_SQLITE = (
    """CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table}
    BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END""",
    """CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END""",
    # INSERT OR REPLACE deletes without the trigger above.
    """CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END""",
)


def make_append_only(table: str) -> None:
    """Add the triggers for the database at hand. The table has a key ``seq``."""
    statements = _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE
    for statement in statements:
        op.execute(statement.format(table=table))
