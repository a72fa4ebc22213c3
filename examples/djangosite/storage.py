"""Where the static files are, seen from the browser."""

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix


class MountedStaticFiles(StaticFilesStorage):
    """Links that begin with the prefix below which the request came.

    Django joins STATIC_URL with the prefix once and keeps the result, even when that happens before any request.
    """

    @property
    def base_url(self):
        return get_script_prefix() + "static/"
