"""What Alembic runs for us: on the caller's connection, in the caller's transaction."""

from alembic import context

from monitor.corpus.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can roll DDL back once Python's own transaction handling is off; Alembic's default says that it cannot
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
