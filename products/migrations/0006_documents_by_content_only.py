import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("products", "0005_keep_documents_by_content")]

    operations = [
        migrations.RemoveConstraint(
            model_name="dossierdocument",
            name="same_file_once_per_slot",
        ),
        migrations.RemoveField(
            model_name="dossierdocument",
            name="extension",
        ),
        migrations.RemoveField(
            model_name="dossierdocument",
            name="file",
        ),
        migrations.RemoveField(
            model_name="dossierdocument",
            name="sha256",
        ),
        migrations.RemoveField(
            model_name="dossierdocument",
            name="size",
        ),
        migrations.AlterField(
            model_name="dossierdocument",
            name="stored",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ocop_portal.storedfile",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None), ("replaced_by", None)),
                fields=("dossier", "slot", "stored", "first_page", "last_page"),
                name="same_pages_once_per_slot",
                nulls_distinct=False,
                violation_error_message="Tệp này đã có trong mục.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_page", None), ("last_page", None)),
                    models.Q(("first_page__gte", 1), ("last_page__gte", models.F("first_page"))),
                    _connector="OR",
                ),
                name="page_range_has_both_ends",
                violation_error_message="Khoảng trang cần có trang đầu và trang cuối.",
            ),
        ),
    ]
