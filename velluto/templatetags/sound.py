"""`{% sound_url "synthesis:audio" speech.pk %}`: like `url`, but the address is the reader's own and stops working."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from velluto import links

register = template.Library()


@register.simple_tag(takes_context=True)
def sound_url(context: template.Context, name: str, *args: Any) -> str:
    return links.to(reverse(name, args=args), account=context["request"].user.pk)
