
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('velluto', '0001_audit_and_vault'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('queue', models.CharField(max_length=20)),
                ('subject', models.CharField(blank=True, help_text='Id of the object worked on; never its content.', max_length=100)),
                ('key', models.CharField(blank=True, help_text='At most one live job of a name carries a key.', max_length=200)),
                ('status', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'refused'), ('cancelled', 'cancelled'), ('dead', 'given up')], default='queued', max_length=10)),
                ('asked_by', models.CharField(blank=True, help_text='Id of the account that asked, where one did.', max_length=64)),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Counted before the work starts.')),
                ('max_attempts', models.PositiveSmallIntegerField()),
                ('token', models.PositiveIntegerField(default=0, help_text='Grows with each attempt; an older one can no longer commit.')),
                ('worker', models.CharField(blank=True, help_text='The worker that took it last.', max_length=64)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('deadline_at', models.DateTimeField(blank=True, help_text='When this attempt is ended from outside.', null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('error', models.CharField(blank=True, help_text='A sentence for people; never content.', max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created_at'],
                'permissions': [('retry_job', 'Can give a dead job another try')],
                'indexes': [models.Index(condition=models.Q(('status', 'queued')), fields=['queue', 'due_at'], name='job_waiting'), models.Index(fields=['worker', 'started_at'], name='job_worker'), models.Index(fields=['name', 'subject'], name='job_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['queued', 'running']), models.Q(('key', ''), _negated=True)), fields=('name', 'key'), name='one_live_job_per_key')],
            },
        ),
    ]
