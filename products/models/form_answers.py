"""What the printed forms of a dossier ask that no other record holds."""

import pghistory
from django.conf import settings
from django.db import models

from products.models.dossier import Dossier


@pghistory.track(model_name="FormAnswersEvent", fields=["answers", "saved_by"])
class FormAnswers(models.Model):
    """The answers of a dossier, by the code of the question: one answer for all of its forms."""

    dossier = models.OneToOneField(Dossier, on_delete=models.CASCADE, related_name="form_answers")
    answers = models.JSONField("nội dung", default=dict)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "nội dung biểu mẫu"
        verbose_name_plural = "nội dung biểu mẫu"

    def __str__(self) -> str:
        return f"Biểu mẫu của {self.dossier}"
