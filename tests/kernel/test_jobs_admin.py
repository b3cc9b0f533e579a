"""What a person with the right may do about jobs that were given up."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from velluto import jobs
from velluto.audit.models import AuditEvent
from velluto.jobs import Job, Run, registry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def admin_without_a_second_factor(settings) -> None:
    settings.ADMIN_REQUIRES_MFA = False


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that was given up."""
    monkeypatch.setattr(registry, "_handlers", {})

    @jobs.job("break", attempts=1)
    def break_it(run: Run, subject: str) -> None:
        raise ValueError

    job = jobs.enqueue("break", "a")
    jobs.drain()
    job.refresh_from_db()
    return job


def staff(*permissions: str) -> Client:
    """Sign a member of staff with these permissions in."""
    user = get_user_model().objects.create_user("carol@example.org", full_name="Carol", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_dead_letters_are_found_by_their_status(dead: Job) -> None:
    page = staff("view_job").get(reverse("admin:velluto_job_changelist"), {"status__exact": "dead"})
    assert "internal error (ValueError)" in page.content.decode()


def test_a_dead_job_is_retried_from_the_list_and_the_audit_knows_by_whom(dead: Job) -> None:
    client = staff("view_job", "retry_job")
    url = reverse("admin:velluto_job_changelist")
    answer = client.post(url, {"action": "try_again", "_selected_action": [dead.pk]}, follow=True)
    assert "it is queued again" in answer.content.decode()
    dead.refresh_from_db()
    assert dead.status == "queued"
    row = AuditEvent.objects.get(event="velluto.job.retried")
    assert (row.subject_id, row.actor) == (str(dead.pk), f"account:{dead.asked_by}")


def test_a_dead_job_is_retried_by_the_button_on_its_page(dead: Job) -> None:
    client = staff("view_job", "retry_job")
    page = client.get(reverse("admin:velluto_job_change", args=[dead.pk]))
    url = reverse("admin:velluto_job_retry", args=[dead.pk])
    assert url in page.content.decode()
    client.post(url)
    dead.refresh_from_db()
    assert dead.status == "queued"
    assert url not in client.get(reverse("admin:velluto_job_change", args=[dead.pk])).content.decode()


def test_looking_at_jobs_gives_no_right_to_retry_them(dead: Job) -> None:
    client = staff("view_job")
    url = reverse("admin:velluto_job_changelist")
    client.post(url, {"action": "try_again", "_selected_action": [dead.pk]})
    assert client.post(reverse("admin:velluto_job_retry", args=[dead.pk])).status_code == 403
    assert "Try again" not in client.get(reverse("admin:velluto_job_change", args=[dead.pk])).content.decode()
    dead.refresh_from_db()
    assert dead.status == "dead"


def test_a_retry_that_is_refused_is_told(dead: Job) -> None:
    client = staff("view_job", "retry_job")
    url = reverse("admin:velluto_job_retry", args=[dead.pk])
    client.post(url)
    answer = client.post(url, follow=True)
    assert "only one that was given up can be tried again" in answer.content.decode()


def test_a_link_cannot_retry_a_job(dead: Job) -> None:
    assert staff("retry_job").get(reverse("admin:velluto_job_retry", args=[dead.pk])).status_code == 405


def test_nobody_writes_a_job_by_hand(dead: Job) -> None:
    client = staff("view_job", "change_job", "add_job", "delete_job")
    assert client.get(reverse("admin:velluto_job_add")).status_code == 403
    assert client.post(reverse("admin:velluto_job_change", args=[dead.pk]), {"status": "done"}).status_code == 403
    assert client.post(reverse("admin:velluto_job_delete", args=[dead.pk])).status_code == 403
