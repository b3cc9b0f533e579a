"""The figures of what was imposed on accounts, and the public notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from accounts.models import Sanction
from moderation.figures import Period, Table, register
from moderation.models import PolicySection


@register
def of_sanctions(period: Period) -> Iterator[Table]:
    """Count what was imposed by kind; a notice is a line by the section that was broken, and says nothing of whom."""
    imposed = Sanction.objects.filter(period.within("starts_at"))
    kinds, lifted = (
        Counter(found.order_by().values_list("kind", flat=True)) for found in (imposed, imposed.exclude(lifted_at=None))
    )
    rows = tuple((label, kinds[kind], lifted[kind]) for kind, label in Sanction.Kind.choices if kinds[kind])
    yield Table("sanctions", "Sanctions on accounts", ("Sanction", "Imposed", "Lifted since"), rows)
    titles = {section.pk: str(section) for section in PolicySection.objects.all()}
    standing = imposed.filter(kind=Sanction.Kind.NOTICE, lifted_at=None).order_by("section")
    by_section = Counter(standing.values_list("section", flat=True))
    yield Table(
        "notices",
        "Public notices",
        ("For a grave violation of section", "Accounts"),
        tuple((titles.get(section, section), count) for section, count in by_section.items()),
        "Abuse so grave that the public is told of it (section 9). Nobody is named.",
    )
