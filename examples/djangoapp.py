"""Hello world from Django: ``seriema djangoapp:app``. Its project is the folder ``helloworld``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helloworld.settings")

app = get_wsgi_application()
