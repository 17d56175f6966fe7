"""What alembic runs: every version on the connection that `migrate` has opened."""

from alembic import context

from frontdesk.migrations import strict

strict.install()
connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
context.run_migrations()
