"""Pages that belong to no app: the front door, and in development the sheet of styles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


def style(request: HttpRequest) -> HttpResponse:
    return render(request, "style.html")
