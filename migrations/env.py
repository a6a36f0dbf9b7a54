"""Alembic's environment: migrations run on the connection that `indexer.register.database.migrate` hands over."""

from alembic import context

from indexer.register.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
