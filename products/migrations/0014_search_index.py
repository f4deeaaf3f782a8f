import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("products", "0013_product_records"),
        ("regulations", "0002_drafts_and_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Before the words: no column can change that others are derived from.
        migrations.AlterField(
            model_name="producer",
            name="search_key",
            field=models.TextField(db_collation="C", editable=False),
        ),
        migrations.AlterField(
            model_name="product",
            name="search_key",
            field=models.TextField(db_collation="C", editable=False),
        ),
        migrations.AddField(
            model_name="producer",
            name="search_vector",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.SearchVector(
                    "search_key", config="simple"
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="search_vector",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.SearchVector(
                    "search_key", config="simple"
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["updated_at", "id"], name="dossier_in_order"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                fields=["received_number"],
                name="dossier_by_number",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["search_vector"], name="producer_words"
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["search_key", "id"],
                name="producer_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["search_vector"], name="product_words"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["search_key", "id"],
                name="product_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="producer",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["unit", "id"],
                name="producer_of_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["unit", "merged_into", "id"], name="product_of_unit"),
        ),
    ]
