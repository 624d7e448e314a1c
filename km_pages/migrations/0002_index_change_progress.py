"""Lets the outbox say how far a long change is, and keep it for an index that is being built."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("km_pages", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="indexchange",
            name="applied",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="indexchange",
            name="done_to",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
