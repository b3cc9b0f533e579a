from django.db import models


class Effect(models.Model):
    """What a job did. Nothing here forbids a second one for the same job: the jobs have to."""

    job = models.UUIDField()

    class Meta:
        app_label = "faults"
