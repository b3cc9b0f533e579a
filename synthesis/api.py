"""The detector for programs: `POST /api/v1/detections`, then `GET` the answer."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.authentication import MayAskDetector, key_of
from accounts.client import address
from synthesis import services
from synthesis.models import Detection

LONGEST_WAIT = 20.0  # seconds
_waiters = threading.BoundedSemaphore(3)  # in each web process
NO_PROOF = "No mark was found. This is no proof that a human spoke: marks can be lost, and other systems leave none."


class AudioSerializer(serializers.Serializer):
    audio = serializers.FileField()
    wait = serializers.FloatField(min_value=0, max_value=LONGEST_WAIT, default=10.0)


class DetectionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Detection
        fields = ["id", "status", "asked_at", "answered_at", "seconds"]

    def to_representation(self, instance: Detection) -> dict[str, Any]:
        body = super().to_representation(instance)
        if instance.status == Detection.Status.ANSWERED:
            body |= instance.answer
            if not instance.answer["made_here"]:
                body["note"] = NO_PROOF
        return body


@api_view(["POST"])
@permission_classes([MayAskDetector])
@parser_classes([MultiPartParser])
def detections(request: Request) -> Response:
    """Ask about a sound file (multipart field `audio`); the answer comes within `wait` seconds, or at its address."""
    form = AudioSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    key = key_of(request)
    detection = services.ask_detector(
        form.validated_data["audio"],
        address=address(request._request),
        partner=key.user if key else None,
    )
    _wait_for(detection, form.validated_data["wait"])
    return _answer(request, detection)


@api_view(["GET"])
@permission_classes([MayAskDetector])
def detection(request: Request, detection_id: str) -> Response:
    """Return the answer, or that it is still awaited (202)."""
    return _answer(request, get_object_or_404(Detection, pk=detection_id))


def _wait_for(detection: Detection, seconds: float) -> None:
    """Wait for the answer, unless so many wait already that others would find no thread free."""
    if not _waiters.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + seconds
        while detection.status == Detection.Status.WAITING and time.monotonic() < until:
            time.sleep(0.2)
            detection.refresh_from_db()
    finally:
        _waiters.release()


def _answer(request: Request, detection: Detection) -> Response:
    address = reverse("api:detection", args=[detection.pk], request=request)
    waiting = detection.status == Detection.Status.WAITING
    return Response(
        {**DetectionSerializer(detection).data, "url": address},
        status=status.HTTP_202_ACCEPTED if waiting else status.HTTP_200_OK,
        headers={"Location": address, **({"Retry-After": "1"} if waiting else {})},
    )
