"""Background work: jobs with their items."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user) -> "JobQuerySet":
        """One's own jobs, and those of kinds that colleagues share; an administrator sees all."""
        from ocop_portal.jobs import kinds_open_to

        if user.has_perm("ocop_portal.see_all_jobs"):
            return self
        return self.filter(Q(owner=user) | Q(kind__in=kinds_open_to(user)))

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])


class Job(models.Model):
    """One run of background work: the row is the truth, the broker only carries the call."""

    class State(models.TextChoices):
        QUEUED = "queued", "Đang chờ"
        RUNNING = "running", "Đang chạy"
        DONE = "done", "Xong"
        CANCELLED = "cancelled", "Đã dừng"

    kind = models.CharField("loại", max_length=60)
    title = models.CharField("tên công việc", max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="jobs",
        verbose_name="người tạo",
    )
    # The same request made twice (double click, F5) finds the first run.
    key = models.CharField(max_length=200, unique=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    result = models.FileField("kết quả", upload_to="jobs/%Y/%m/", blank=True)
    result_name = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Touched with every item: the sweeper looks for unfinished jobs that have gone quiet.
    touched_at = models.DateTimeField(auto_now_add=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "công việc nền"
        verbose_name_plural = "công việc nền"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                name="job_unfinished",
                fields=["touched_at"],
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("job_detail", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.CANCELLED}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many items are in each state."""
        rows = self.items.order_by().values_list("state").annotate(n=models.Count("pk"))
        return dict.fromkeys(JobItem.State.values, 0) | dict(rows)

    @property
    def processed(self) -> int:
        """Items that are done or have failed: what the bar shows of `total`."""
        return self.counts[JobItem.State.DONE] + self.counts[JobItem.State.FAILED]

    @property
    def failures(self) -> "models.QuerySet[JobItem]":
        return self.items.filter(state=JobItem.State.FAILED)

    @property
    def can_resume(self) -> bool:
        failed = self.counts[JobItem.State.FAILED]
        return self.state == self.State.CANCELLED or (
            self.is_finished and bool(failed or self.error)
        )


class JobItem(models.Model):
    """One item of a job. The database transaction that does the work also marks it done, so an
    item is done once, whatever is killed and whenever.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Chờ"
        DONE = "done", "Xong"
        FAILED = "failed", "Lỗi"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    reference = models.CharField(max_length=200)
    label = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    # Counted in a transaction of its own, before the work: an item that kills its worker each
    # time is given up after a few tries instead of stopping all the others.
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["job", "reference"], name="job_item_once"),
        ]
        indexes = [
            models.Index(
                name="job_item_pending", fields=["job", "position"], condition=Q(state="pending")
            )
        ]

    def __str__(self) -> str:
        return self.label or self.reference
