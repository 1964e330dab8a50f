"""What Alembic runs for every command. Not for importing: `greenroom.storage.schema` hands it an open connection."""

from alembic import context

_given = context.config.attributes
context.configure(connection=_given["connection"], version_table=_given["version_table"])
with context.begin_transaction():
    context.run_migrations()
