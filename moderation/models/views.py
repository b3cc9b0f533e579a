"""What a moderator keeps for himself."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A selection of the queue that one moderator has given a name."""

    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=200, blank=True, help_text="the filters, as the address has them; no search")

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["moderator", "name"], name="one_saved_view_per_name")]

    def __str__(self) -> str:
        return self.name
