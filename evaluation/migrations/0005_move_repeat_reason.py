"""Reasons for scoring again stood in the field of the knock-outs."""

from typing import Any

from django.db import migrations
from django.db.models import F, Value


def move(apps: Any, _schema_editor: Any) -> None:
    repeated = apps.get_model("evaluation", "Assessment").objects.filter(state="repeated")
    repeated.update(repeat_reason=F("knockout_reason"), knockout_reason=Value(""))


def move_back(apps: Any, _schema_editor: Any) -> None:
    repeated = apps.get_model("evaluation", "Assessment").objects.filter(state="repeated")
    repeated.update(knockout_reason=F("repeat_reason"), repeat_reason=Value(""))


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0004_attendance_and_repeat_reason")]

    operations = [migrations.RunPython(move, move_back)]
