"""The least that Django needs to answer: no database, no templates, no sessions."""

# Signs nothing here. A real site reads its key from the environment.
SECRET_KEY = "an example, not a secret"

# An example may be asked for by any name. A real site lists its own.
ALLOWED_HOSTS = ["*"]

ROOT_URLCONF = "helloworld.urls"
INSTALLED_APPS = []
MIDDLEWARE = []

# The default from Django 5.0 on; before it, saying nothing prints a warning.
USE_TZ = True
