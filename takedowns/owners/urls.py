from django.urls import include, path

from takedowns.owners import views

app_name = "owners"

# The token stands in the address, so that a Voice Owner needs neither an account nor a cookie.
_by_link = [
    path("", views.through_link(views.show), name="portal"),
    path("pause/", views.through_link(views.pause), name="pause"),
    path("resume/", views.through_link(views.resume), name="resume"),
    path("recordings/", views.through_link(views.copy), name="copy"),
    path("scope/", views.through_link(views.scope), name="scope"),
    path("end/", views.through_link(views.end), name="end"),
]
_signed_in = [
    path("", views.signed_in(views.show), name="own-portal"),
    path("pause/", views.signed_in(views.pause), name="own-pause"),
    path("resume/", views.signed_in(views.resume), name="own-resume"),
    path("recordings/", views.signed_in(views.copy), name="own-copy"),
]

urlpatterns = [
    path("my-voice/<str:token>/", include(_by_link)),
    path("voices/<uuid:voice_id>/mine/", include(_signed_in)),
]
