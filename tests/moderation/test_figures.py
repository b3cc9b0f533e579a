"""The figures, recounted from the rows in another way, are the dashboard's and the published ones."""

from __future__ import annotations

import csv
import statistics
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from consent import steps
from moderation import charts, figures, policies, transparency
from moderation.figures import Period, Table
from moderation.models import Appeal, Case, Decision, Report, StatementOfReasons
from moderation.services import appeals, redress
from tests import factories
from tests.doors.house import sign_in
from tests.moderation.reported import decide, detected, report, waiting_voice
from velluto import jobs

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
YEAR = 365


@pytest.fixture
def period(db) -> Period:
    today = timezone.localdate()
    return Period(today - timedelta(days=YEAR), today)


@pytest.fixture
def busy(db, period: Period) -> Period:
    """Let voices be approved, refused and asked for again, reports come, and appeals be answered, at many times."""
    for choice in ("reject", "reject", "again_sample"):
        factories.decide(waiting_voice(), choice)
    waiting_voice()
    reference = detected()
    for number, (choice, category) in enumerate(
        [("dismiss", "fraud"), ("dismiss", "hate"), ("delete", "fraud"), ("dismiss", "fraud")]
    ):
        made = report(reference, category=category, email=f"{number}@example.org")
        if number < 3:
            decide(made.case, choice)
    for decision, choice in zip(Decision.objects.filter(choice="dismiss"), ("uphold", "overturn"), strict=True):
        token = redress.link(decision.case, Appeal.Side.REPORTER).split("/")[-2]
        appeals.file(token, words="No.")
        decide(Case.objects.get(kind="moderation.appeal", decided_at=None), choice)
    jobs.drain()
    now = timezone.now()
    for number, case in enumerate(Case.objects.order_by("pk")):  # spread over the year; some were late, one is older
        opened = now - timedelta(days=3 * number + 4, hours=number)
        decided = opened + timedelta(hours=7 * number + 1) if case.decided_at else None
        due = opened + timedelta(days=1)
        Case.objects.filter(pk=case.pk).update(opened_at=opened, decided_at=decided, due_at=due)
    oldest = Case.objects.exclude(decided_at=None).order_by("opened_at")[0]
    long_ago = now - timedelta(days=2 * YEAR)
    Case.objects.filter(pk=oldest.pk).update(opened_at=long_ago, decided_at=long_ago + timedelta(hours=3))
    return period


def rows(period: Period, code: str) -> dict[str, tuple]:
    (table,) = [table for table in figures.tables(period) if table.code == code]
    return {" ".join(map(str, row[: table.names])): row[table.names :] for row in table.rows}


def test_the_figures_equal_a_recount_row_by_row(busy: Period):
    now = timezone.now()
    cases = list(Case.objects.all())
    made = [one for one in Decision.objects.select_related("case") if one.status in ("made", "reversed")]
    there = [one for one in made if busy.start <= one.case.decided_at < busy.end]
    assert len(there) == len(made) - 1 > 5  # one lies before the period

    found = rows(busy, "cases")
    kinds = {
        "consent.voice": "A new voice",
        "synthesis.output_report": "Reported speech",
        "moderation.appeal": "An appeal",
    }
    assert set(found) == set(kinds.values())
    for kind, label in kinds.items():
        mine = [case for case in cases if case.kind == kind]
        waits = [case for case in mine if case.decided_at is None]
        done = [one for one in there if one.case.kind == kind]
        took = sorted((one.case.decided_at - one.case.opened_at).total_seconds() for one in done)
        late = [one for one in done if one.case.decided_at > one.case.due_at]
        opened, decided, closed, waiting, oldest, met, breached, median, most, overturned = found[label]
        assert opened == sum(busy.start <= case.opened_at < busy.end for case in mine)
        assert (decided, closed, waiting) == (len(done), 0, len(waits))
        assert (oldest is None) == (not waits)
        assert met == len(done) - len(late)
        assert breached == len(late) + sum(case.due_at < now for case in waits)
        assert median.total_seconds() == pytest.approx(statistics.median(took))
        assert sum(one <= most.total_seconds() for one in took) >= 0.9 * len(took) and most.total_seconds() in took
        assert overturned == sum(one.status == "reversed" for one in done) / len(done)

    sections = {str(one.section): 0 for one in there}
    for one in there:
        sections[str(one.section)] += 1
    assert {name: row[0] for name, row in rows(busy, "decisions").items()} == sections
    restrictions: dict[str, int] = {}
    for statement in StatementOfReasons.objects.all():
        for field, value in statement.fields.items():
            if field in ("decision_visibility", "decision_provision", "decision_account", "decision_monetary"):
                for one in [value] if isinstance(value, str) else value:
                    restrictions[f"{field} {one}"] = restrictions.get(f"{field} {one}", 0) + 1
    assert {name: row[0] for name, row in rows(busy, "restrictions").items()} == restrictions
    assert len(restrictions) == 2 and sum(restrictions.values()) == 3
    assert rows(busy, "appeals")["The person who reported it"][:4] == (2, 1, 1, 0.5)
    labels = dict(Report.Category.choices)
    assert rows(busy, "reports") == {labels["fraud"]: (3,), labels["hate"]: (1,)}
    outcomes = [row[0] for row in rows(busy, "report_outcomes").values()]
    by_status = [Report.objects.filter(status=status).count() for status in ("acted", "not_acted")]
    assert outcomes == [0, 0, 4, *by_status] and sum(by_status) == 2
    voices = [one.choice for one in there if one.case.kind == "consent.voice"]
    assert [row[0] for row in rows(busy, "voices").values()] == [
        voices.count("approve"), voices.count("again_sample"), voices.count("reject"), 0
    ]  # fmt: skip
    automated = [row[0] for row in rows(busy, "automated").values()]
    statements = StatementOfReasons.objects.all()
    assert automated == [sum(s.fields["automated_detection"] == said for s in statements) for said in ("Yes", "No")] + [
        0
    ]


def test_machine_and_person_are_compared_engine_by_engine(period: Period):
    factories.decide(waiting_voice(("ear", "passed"), ("mouth", "failed")), "again_captcha")
    factories.decide(waiting_voice(("ear", "passed"), ("ear", "failed"), ("mouth", "passed")), "reject")
    factories.decide(waiting_voice(("ear", "passed")), "reject")
    voice = waiting_voice(("ear", "passed"), ("mouth", "failed"))
    factories.screened(voice)
    with mock.patch.object(steps, "next_step", return_value=None):
        factories.decide(voice, "approve")
    assert rows(period, "engines") == {"ear 1": (1, 2, 0, 1, 0.5), "mouth 1": (0, 1, 1, 1, 1 / 3)}


class Cells(HTMLParser):
    """Collect what stands in the cells of a page's tables."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.cells = False, []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside = tag in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.cells.append(data.strip())


def test_the_published_report_holds_the_figures_and_names_nobody(busy: Period, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(policies, "SMALL_HOUSE", 0)
    call_command("transparency_report", f"--from={busy.first}", f"--to={busy.last}", f"--out={tmp_path}", verbosity=0)
    with (tmp_path / "transparency.csv").open() as file:
        published = {(line["table"], line["row"], line["column"]): line["value"] for line in csv.DictReader(file)}
    page = (tmp_path / "transparency.html").read_text()
    for table in figures.tables(busy):
        for row in table.rows:
            name = " ".join(map(str, row[: table.names]))
            for head, cell in zip(table.head[table.names :], row[table.names :], strict=True):
                value = published.pop((table.code, name, head))
                if head == "Oldest waits" and cell is not None:  # it grows while one looks
                    assert float(value) == pytest.approx(cell.total_seconds(), rel=1e-3)
                else:
                    number = cell.total_seconds() if isinstance(cell, timedelta) else cell
                    assert value == str("" if number is None else number)
                assert head in page
    assert published == {}
    everything = page + (tmp_path / "transparency.csv").read_text()
    for person in User.objects.all():
        assert person.email not in everything and person.full_name not in everything


def test_a_small_house_publishes_no_small_count_and_nothing_computed_from_one():
    table = Table(
        "x", "X", ("a", "b", "c", "d"), (("one", 3, 0.5, timedelta(1)), ("two", 5, 0.5, None), ("no", 0, None, None))
    )
    small = transparency.published(table, accounts=99)
    assert small.rows == (("one", "1 to 4", transparency.WITHHELD, transparency.WITHHELD), *table.rows[1:])
    assert transparency.published(table, accounts=100) == table


def test_the_dashboard_shows_the_period_one_asks_for_without_inline_style_or_script(busy: Period):
    client = sign_in(Client(), factories.moderator(role="auditor"))
    page = client.get("/admin/moderation/report/figures/", {"days": "365"}).content.decode()
    cells = Cells()
    cells.feed(page)
    assert "Reported speech" in cells.cells and page.count("<rect") > 5
    assert " style=" not in page and "<script>" not in page
    empty = client.get("/admin/moderation/report/figures/", {"first": "2001-01-01", "last": "2001-01-31"})
    assert "1 January 2001 to 31 January 2001" in empty.content.decode() and "<rect" not in empty.content.decode()
    wrong = client.get("/admin/moderation/report/figures/", {"first": "2001-02-01", "last": "2001-01-31"})
    assert "comes before the last" in wrong.content.decode()


def test_a_chart_counts_each_moment_once_where_it_belongs():
    period = Period(timezone.localdate() - timedelta(days=99), timezone.localdate())
    moments = [period.start, period.start + timedelta(days=50, hours=5), period.end - timedelta(seconds=1)]
    chart = charts.by_time("T", period, opened=moments, decided=moments[:1])
    assert len(chart.labels) == 25 <= charts.MOST_BARS
    tall = [(bar.series, bar.title) for bar in chart.bars if bar.height]
    assert len(tall) == 4 and (chart.most, chart.bars[0].height) == (1, charts.HEIGHT)
    long = charts.by_length("T", "Done", [timedelta(minutes=5), timedelta(hours=1), timedelta(days=9)],
        [("1 h", timedelta(hours=1)), ("1 day", timedelta(days=1)), ("longer", timedelta.max)])  # fmt: skip
    assert [bar.height > 0 for bar in long.bars] == [True, True, True]
