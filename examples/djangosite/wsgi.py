"""The WSGI application. The first start makes the database."""

import os
import time

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


def load():
    """Django's application, without what Django does to the process: it makes TIME_ZONE the zone of all of it.

    With USE_TZ it does not need that itself, and other applications may live in the same process.
    """
    zone = os.environ.pop("TZ", None)
    try:
        return get_wsgi_application()
    finally:
        os.environ.pop("TZ", None)
        if zone is not None:
            os.environ["TZ"] = zone
        time.tzset()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djangosite.settings")
application = load()
migrate()
