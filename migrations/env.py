"""Alembic's environment: migrations run on the connection that `indexer.register.database.migrate` hands over."""

from alembic import context

import indexer.accounts.models
import indexer.cases.models
import indexer.desk.models
import indexer.exchange.models
import indexer.feed.models
import indexer.following.models
import indexer.register.models
import indexer.supervision.models
import indexer.webhooks.models  # noqa: F401  their tables register themselves
from indexer.register.columns import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
