"""The example applications below prefixes: SCRIPT_NAME and PATH_INFO are split here, as a server with mounts would."""

import os
from wsgiref.util import shift_path_info

import flaskapp
import pyramidapp
from djangosite.wsgi import application as djangosite
from frame.app import app as frame


def zone(environ, start_response):
    """What the applications, which live in one process, have left of its time zone."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr(os.environ.get("TZ")).encode()]


MOUNTS = {"flask": flaskapp.app, "pyramid": pyramidapp.app, "django": djangosite, "frame": frame, "zone": zone}


def application(environ, start_response):
    return MOUNTS[shift_path_info(environ)](environ, start_response)
