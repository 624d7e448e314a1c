from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("km_pages", "0005_file_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="knowledgeassetpage",
            name="checked_by_holder",
            field=models.BooleanField(
                default=True,
                editable=False,
                verbose_name="checked by the person whose knowledge it is",
            ),
        ),
    ]
