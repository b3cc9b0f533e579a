from django.urls import path

from takedowns.evidence import views

urlpatterns = [
    path("voices/<uuid:voice_id>/evidence/", views.evidence, name="evidence"),
    path("voices/<uuid:voice_id>/evidence/bundle/", views.bundle, name="evidence-bundle"),
    path("evidence/", views.verifying, name="verifying"),
    path("evidence/verify.py", views.verifier, name="verifier"),
]
