from django.db import migrations, models

import velluto.audit.models
from velluto.audit import triggers


def guard(apps, schema_editor):
    triggers.install(schema_editor.connection)


def unguard(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('public_key', models.CharField(max_length=64)),
                ('signature', models.CharField(max_length=128)),
            ],
            options={
                'ordering': ['number', 'id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(default=0)),
                ('digest', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='VaultObject',
            fields=[
                ('name', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('owner', models.CharField(db_index=True, max_length=200)),
                ('purpose', models.CharField(max_length=50)),
                ('size', models.BigIntegerField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('at', models.DateTimeField()),
                ('event', models.CharField(db_index=True, max_length=100)),
                ('actor', models.CharField(db_index=True, max_length=200)),
                ('subject_type', models.CharField(blank=True, max_length=100)),
                ('subject_id', models.CharField(blank=True, max_length=200)),
                ('reason', models.TextField(blank=True)),
                ('data', velluto.audit.models.CanonicalJSONField(blank=True, default=dict)),
                ('previous', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['subject_type', 'subject_id'], name='audit_event_subject')],
            },
        ),
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('owner', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('key_id', models.UUIDField(unique=True)),
                ('wrapped', models.BinaryField()),
                ('kek_id', models.CharField(db_index=True, max_length=16)),
                ('created_at', models.DateTimeField()),
                ('destroyed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('destroyed_at__isnull', True), ('wrapped', b''), _connector='OR'), name='data_key_destroyed_is_empty')],
            },
        ),
        # Of no model, so that the router runs it where the audit is and not where the keys are.
        migrations.RunPython(guard, unguard),
    ]
