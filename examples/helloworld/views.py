"""The views of the project: one."""

from django.http import HttpResponse


def hello(request):
    return HttpResponse("Hello world from Django!\n", content_type="text/plain")
