"""Hello world from Flask: ``seriema flaskapp:app``."""

from flask import Flask, Response

app = Flask(__name__)


@app.route("/hello")
def hello():
    return Response("Hello world from Flask!\n", mimetype="text/plain")
