"""A Django project with a database and the admin: ``seriema djangosite.wsgi:application``."""
