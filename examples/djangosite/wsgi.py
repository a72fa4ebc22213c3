"""The WSGI application. The first start makes the database."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from djangosite import state


def migrate():
    """Brings the database up to date, once, however many workers start."""
    with state.alone():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    # A worker made by fork must not inherit it, and this thread may never serve a request.
    connection.close()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djangosite.settings")
application = get_wsgi_application()
migrate()
