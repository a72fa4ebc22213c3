"""Which view answers which path."""

from django.urls import path

from helloworld.views import hello

urlpatterns = [
    path("hello", hello),
]
