import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("products", "0007_producer_invitations"),
        ("regulations", "0002_drafts_and_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "chuỗi liên kết",
                "verbose_name_plural": "chuỗi liên kết",
                "ordering": ["-begins_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ProducerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("name", models.CharField(max_length=250, verbose_name="tên chủ thể")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("enterprise", "Doanh nghiệp"),
                            ("cooperative", "Hợp tác xã"),
                            ("cooperative_group", "Tổ hợp tác"),
                            ("household", "Hộ sản xuất, kinh doanh"),
                            ("farm", "Trang trại"),
                        ],
                        max_length=20,
                        verbose_name="loại hình",
                    ),
                ),
                (
                    "tax_code",
                    models.CharField(blank=True, max_length=14, verbose_name="mã số thuế"),
                ),
                (
                    "registration_number",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="số đăng ký kinh doanh"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=250, verbose_name="địa chỉ")),
                (
                    "representative",
                    models.CharField(blank=True, max_length=150, verbose_name="người đại diện"),
                ),
                (
                    "phone",
                    models.CharField(blank=True, max_length=30, verbose_name="điện thoại liên hệ"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, verbose_name="thư điện tử"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProducerMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="lý do")),
                ("moved", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "lần gộp chủ thể",
                "verbose_name_plural": "lần gộp chủ thể",
                "ordering": ["-at", "-pk"],
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
            ],
            options={
                "verbose_name": "số liệu năm của chủ thể",
                "verbose_name_plural": "số liệu năm của chủ thể",
                "ordering": ["-year"],
            },
        ),
        migrations.CreateModel(
            name="ProductEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("name", models.CharField(max_length=250, verbose_name="tên sản phẩm")),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="mã sản phẩm")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="producer",
            name="producer_once_per_district",
        ),
        migrations.RemoveConstraint(
            model_name="producer",
            name="producer_tax_code_once",
        ),
        migrations.RemoveConstraint(
            model_name="product",
            name="product_once_per_producer",
        ),
        migrations.RemoveConstraint(
            model_name="product",
            name="product_without_producer_once_per_district",
        ),
        migrations.RemoveConstraint(
            model_name="product",
            name="product_code_once",
        ),
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
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absorbed",
                to="products.producer",
                verbose_name="gộp vào",
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
        migrations.AddField(
            model_name="product",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absorbed",
                to="products.product",
                verbose_name="gộp vào",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="producer",
            trigger=pgtrigger.compiler.Trigger(
                name="before_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."current_unit_id" IS DISTINCT FROM (NEW."current_unit_id") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."registration_number" IS DISTINCT FROM (NEW."registration_number") OR OLD."representative" IS DISTINCT FROM (NEW."representative") OR OLD."tax_code" IS DISTINCT FROM (NEW."tax_code") OR OLD."unit_id" IS DISTINCT FROM (NEW."unit_id"))',
                    func='INSERT INTO "products_producerevent" ("address", "current_unit_id", "email", "kind", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "registration_number", "representative", "tax_code", "unit_id") VALUES (OLD."address", OLD."current_unit_id", OLD."email", OLD."kind", OLD."merged_into_id", OLD."name", _pgh_attach_context(), NOW(), \'before\', OLD."id", OLD."phone", OLD."registration_number", OLD."representative", OLD."tax_code", OLD."unit_id"); RETURN NULL;',
                    hash="7f551c36f3a571d0e02c82173911d0120e080341",
                    operation="UPDATE",
                    pgid="pgtrigger_before_update_32245",
                    table="products_producer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="before_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."criteria_set_id" IS DISTINCT FROM (NEW."criteria_set_id") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."producer_id" IS DISTINCT FROM (NEW."producer_id") OR OLD."unit_id" IS DISTINCT FROM (NEW."unit_id"))',
                    func='INSERT INTO "products_productevent" ("code", "criteria_set_id", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "producer_id", "unit_id") VALUES (OLD."code", OLD."criteria_set_id", OLD."merged_into_id", OLD."name", _pgh_attach_context(), NOW(), \'before\', OLD."id", OLD."producer_id", OLD."unit_id"); RETURN NULL;',
                    hash="57f00da2eadcb9aa2bebdeba7a8f635ac6909904",
                    operation="UPDATE",
                    pgid="pgtrigger_before_update_807f4",
                    table="products_product",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="producer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_into", None)),
                fields=("district", "name_key"),
                name="producer_once_per_district",
                violation_error_message="Trên địa bàn này đã có chủ thể cùng tên.",
            ),
        ),
        migrations.AddConstraint(
            model_name="producer",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("tax_code", ""), _negated=True), ("merged_into", None)
                ),
                fields=("tax_code",),
                name="producer_tax_code_once",
                violation_error_message="Mã số thuế này đã thuộc về một chủ thể khác.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_into", None), ("producer__isnull", False)),
                fields=("producer", "name_key"),
                name="product_once_per_producer",
                violation_error_message="Chủ thể này đã có sản phẩm cùng tên.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_into", None), ("producer__isnull", True)),
                fields=("district", "name_key"),
                name="product_without_producer_once_per_district",
                violation_error_message="Trên địa bàn đã có sản phẩm cùng tên chưa rõ chủ thể.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("code", ""), _negated=True), ("merged_into", None)),
                fields=("code",),
                name="product_code_once",
                violation_error_message="Mã sản phẩm này đã được dùng.",
            ),
        ),
        migrations.AddField(
            model_name="chainmembership",
            name="producer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chains",
                to="products.producer",
            ),
        ),
        migrations.AddField(
            model_name="producerevent",
            name="current_unit",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.administrativeunit",
                verbose_name="xã, phường hiện nay",
            ),
        ),
        migrations.AddField(
            model_name="producerevent",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="products.producer",
                verbose_name="gộp vào",
            ),
        ),
        migrations.AddField(
            model_name="producerevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="producerevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="name_kind_tax_code_registration_number_unit_current_unit_address_representative_phone_email_merged_into_events",
                to="products.producer",
            ),
        ),
        migrations.AddField(
            model_name="producerevent",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.administrativeunit",
                verbose_name="địa bàn",
            ),
        ),
        migrations.AddField(
            model_name="producermerge",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="producermerge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="products.producer",
            ),
        ),
        migrations.AddField(
            model_name="producermerge",
            name="merged",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges_away",
                to="products.producer",
            ),
        ),
        migrations.AddField(
            model_name="producermerge",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="produceryear",
            name="producer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="years",
                to="products.producer",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="criteria_set",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="regulations.criteriaset",
                verbose_name="bộ sản phẩm",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="products.product",
                verbose_name="gộp vào",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="name_producer_criteria_set_code_unit_merged_into_events",
                to="products.product",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="producer",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="products.producer",
                verbose_name="chủ thể",
            ),
        ),
        migrations.AddField(
            model_name="productevent",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.administrativeunit",
                verbose_name="nơi sản xuất",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainmembership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("begins_on", None),
                    ("ends_on", None),
                    ("ends_on__gte", models.F("begins_on")),
                    _connector="OR",
                ),
                name="chain_ends_after_it_begins",
                violation_error_message="Ngày kết thúc không trước ngày bắt đầu.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="producerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9cb8d2687aea694de6d8be7b2307639dc3abc01b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7b9aa",
                    table="products_producerevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="producermerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)),
                fields=("merged",),
                name="producer_merged_away_once",
                violation_error_message="Chủ thể này đã được gộp.",
            ),
        ),
        migrations.AddConstraint(
            model_name="producermerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True),
                name="producer_not_merged_into_itself",
                violation_error_message="Không gộp một chủ thể vào chính nó.",
            ),
        ),
        migrations.AddConstraint(
            model_name="produceryear",
            constraint=models.UniqueConstraint(
                fields=("producer", "year"),
                name="producer_year_once",
                violation_error_message="Năm này đã có số liệu.",
            ),
        ),
        migrations.AddConstraint(
            model_name="produceryear",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("local_workers", None),
                    models.Q(
                        ("local_workers__lte", models.F("workers")), ("workers__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="local_workers_among_workers",
                violation_error_message="Lao động địa phương không nhiều hơn tổng số lao động.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="productevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b87726817e7e063087535d650fb25d91240acbe3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_dff3e",
                    table="products_productevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
