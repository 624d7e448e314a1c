from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("km_pages", "0020_document_changed"),
    ]

    operations = [
        migrations.AddField(
            model_name="guidechange",
            name="page_key",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
