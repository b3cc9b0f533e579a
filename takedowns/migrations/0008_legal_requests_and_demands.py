

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_who_reads_sanctions'),
        ('consent', '0006_who_reads_documents'),
        ('takedowns', '0007_who_reads_owners_requests'),
        ('voices', '0004_who_publishes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceDemand',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField(help_text='as the account is told', max_length=600)),
                ('demanded_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(help_text='when the fourteen days began, anew where it was asked again')),
                ('due_at', models.DateTimeField()),
                ('reminders', models.PositiveSmallIntegerField(default=0, help_text='sent in these fourteen days')),
                ('suspended', models.BooleanField(default=False, help_text='the voice was suspended because nothing came')),
                ('status', models.CharField(choices=[('open', 'Waiting for the document'), ('answered', 'The document is being looked at'), ('lapsed', 'No document came in time'), ('accepted', 'Met'), ('dropped', 'Not demanded any more')], default='open', max_length=16)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('demanded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.document')),
                ('voice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='demands', to='voices.voice')),
            ],
            options={
                'ordering': ['-demanded_at'],
                'permissions': [('demand_evidence', 'Can demand the signed document of a voice')],
                'default_permissions': ('view',),
                'indexes': [models.Index(condition=models.Q(('status', 'open')), fields=['due_at'], name='demands_by_deadline')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['accepted', 'dropped']), _negated=True), fields=('voice',), name='one_demand_at_a_time_per_voice')],
            },
        ),
        migrations.CreateModel(
            name='LegalRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('authority', models.CharField(max_length=200)),
                ('basis', models.CharField(max_length=300, verbose_name='legal basis')),
                ('reference', models.CharField(help_text="the authority's own", max_length=120)),
                ('received_on', models.DateField()),
                ('scope', models.CharField(choices=[('account', 'Everything about an account'), ('voice', 'Everything about a voice'), ('consent', 'The consent for a voice'), ('output', 'One output')], max_length=16)),
                ('subject_id', models.CharField(help_text='of the account, voice or output', max_length=64)),
                ('document', models.CharField(editable=False, max_length=200)),
                ('document_sha256', models.CharField(max_length=64)),
                ('may_tell', models.BooleanField(default=True, verbose_name='the customer may be told')),
                ('silent_until', models.DateField(blank=True, help_text='the last day on which the customer may not be told; empty: until we hear', null=True)),
                ('told_at', models.DateTimeField(blank=True, help_text='when the customer was told', null=True)),
                ('entered_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('received', 'Being looked at'), ('packing', 'Approved, being packed'), ('ready', 'Ready'), ('destroyed', 'Answered; the bundle is destroyed'), ('refused', 'Refused')], default='received', max_length=16)),
                ('answered_at', models.DateTimeField(blank=True, help_text='when two people approved it, or one refused', null=True)),
                ('bundle', models.CharField(blank=True, editable=False, max_length=200)),
                ('bundle_sha256', models.CharField(blank=True, max_length=64)),
                ('bundle_size', models.BigIntegerField(blank=True, help_text='bytes', null=True)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('destroy_at', models.DateTimeField(blank=True, help_text='when the bundle is destroyed', null=True)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_requests', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hold', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_requests', to='accounts.sanction')),
            ],
            options={
                'ordering': ['-entered_at'],
                'permissions': [('answer_legal_request', 'Can enter legal requests, propose an answer and fetch bundles')],
                'default_permissions': ('view',),
                'indexes': [models.Index(condition=models.Q(('status', 'ready')), fields=['destroy_at'], name='bundles_to_destroy'), models.Index(condition=models.Q(('status__in', ['packing', 'ready', 'destroyed']), ('told_at', None)), fields=['answered_at'], name='legal_requests_to_tell_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('may_tell', False), ('silent_until', None), _connector='OR'), name='who_may_be_told_has_no_day_of_silence')],
            },
        ),
    ]
