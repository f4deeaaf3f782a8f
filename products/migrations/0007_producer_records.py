from typing import Any

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ocop_portal.text import search_key

COMMUNE = 3


def fill_current_units(apps: Any, _schema_editor: Any) -> None:
    """Where the official mapping names one unit of 2025, and both names for the search."""
    for model in ("Producer", "Product"):
        rows = apps.get_model("products", model).objects.select_related("unit", "district")
        if model == "Product":
            rows = rows.select_related("producer__current_unit")
        batch = []
        for row in rows.prefetch_related("unit__successors").iterator(chunk_size=1000):
            now = _now(row, model)
            names = [row.district.full_name, now.full_name if now else ""]
            row.search_key = f"{row.search_key} {search_key(*names)}".strip()
            batch.append(row)
            if len(batch) == 1000:
                _save(rows.model, model, batch)
                batch = []
        _save(rows.model, model, batch)


def _now(row: Any, model: str) -> Any:
    if model == "Product":
        return row.producer.current_unit if row.producer else None
    successors = list(row.unit.successors.all()) if row.unit.level == COMMUNE else []
    if len(successors) == 1:
        row.current_unit = successors[0]
    return row.current_unit


def _save(table: Any, model: str, batch: list[Any]) -> None:
    fields = ["search_key"] if model == "Product" else ["search_key", "current_unit"]
    table.objects.bulk_update(batch, fields)


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0006_documents_by_content_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="producer",
            name="founded_year",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1900),
                    django.core.validators.MaxValueValidator(2100),
                ],
                verbose_name="năm thành lập",
            ),
        ),
        migrations.AddField(
            model_name="producer",
            name="registered_at",
            field=models.CharField(blank=True, max_length=150, verbose_name="nơi đăng ký"),
        ),
        migrations.AddField(
            model_name="producer",
            name="registered_on",
            field=models.DateField(blank=True, null=True, verbose_name="ngày đăng ký"),
        ),
        migrations.AddField(
            model_name="producer",
            name="registration_number",
            field=models.CharField(blank=True, max_length=40, verbose_name="số đăng ký kinh doanh"),
        ),
        migrations.AddField(
            model_name="producer",
            name="representative_title",
            field=models.CharField(
                blank=True, max_length=100, verbose_name="chức danh người đại diện"
            ),
        ),
        migrations.AddField(
            model_name="producer",
            name="website",
            field=models.URLField(blank=True, verbose_name="trang web"),
        ),
        migrations.AddField(
            model_name="producerdocument",
            name="removed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="ChainMembership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="tên chuỗi liên kết")),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("leader", "Chủ trì chuỗi"),
                            ("grower", "Sản xuất, cung cấp nguyên liệu"),
                            ("processor", "Chế biến"),
                            ("seller", "Phân phối, tiêu thụ"),
                        ],
                        max_length=12,
                        verbose_name="vai trò",
                    ),
                ),
                (
                    "partner",
                    models.CharField(blank=True, max_length=200, verbose_name="bên liên kết"),
                ),
                ("begins_on", models.DateField(blank=True, null=True, verbose_name="từ ngày")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="đến ngày")),
                (
                    "producer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chains",
                        to="products.producer",
                    ),
                ),
            ],
            options={
                "verbose_name": "chuỗi liên kết",
                "verbose_name_plural": "chuỗi liên kết",
                "ordering": ["-begins_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("begins_on", None),
                            ("ends_on", None),
                            ("ends_on__gte", models.F("begins_on")),
                            _connector="OR",
                        ),
                        name="chain_ends_after_it_begins",
                        violation_error_message="Ngày kết thúc không trước ngày bắt đầu.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProducerYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(2000),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="năm",
                    ),
                ),
                (
                    "revenue",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="doanh thu (đồng)"
                    ),
                ),
                (
                    "workers",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="số lao động"),
                ),
                (
                    "local_workers",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="trong đó lao động địa phương"
                    ),
                ),
                (
                    "producer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="years",
                        to="products.producer",
                    ),
                ),
            ],
            options={
                "verbose_name": "số liệu năm của chủ thể",
                "verbose_name_plural": "số liệu năm của chủ thể",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("producer", "year"),
                        name="producer_year_once",
                        violation_error_message="Năm này đã có số liệu.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("local_workers", None),
                            models.Q(
                                ("local_workers__lte", models.F("workers")),
                                ("workers__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="local_workers_among_workers",
                        violation_error_message="Lao động địa phương không nhiều hơn tổng số lao động.",
                    ),
                ],
            },
        ),
        migrations.RunPython(fill_current_units, migrations.RunPython.noop, elidable=True),
    ]
