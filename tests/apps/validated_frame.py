"""The site on the small framework under wsgiref.validate, which checks the server's side as well as the framework's."""

from wsgiref.validate import validator

from frame.app import app

application = validator(app)
