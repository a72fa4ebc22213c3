"""Which view answers which path, below whatever prefix the server has put the project."""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import path
from django.views.generic import RedirectView

from djangosite.views import hello

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("hello", hello),
    path("admin/", admin.site.urls),
    # The files stay where the installed applications have them. "insecure" means: also without DEBUG, though a
    # server that gives files itself would spare Python the work.
    path("static/<path:path>", serve, {"insecure": True}),
]
