from django.urls import path

from accounts.texts import views

app_name = "texts"
urlpatterns = [
    path("", views.texts, name="list"),
    path("accept/", views.accept, name="accept"),
    path("<slug:kind>/", views.text, name="text"),
    path("<slug:kind>/<int:number>/", views.text, name="version"),
]
