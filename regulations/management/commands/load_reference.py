"""Load what every installation has: administrative units, agencies, regulations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.loading import load_agencies, load_units
from ocop_portal.problems import Refused
from regulations.loading import load_regulations
from regulations.reading import DataError


class Command(BaseCommand):
    help = "Load or refresh administrative units, agencies and regulations; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        units = load_units()
        agencies = load_agencies()
        try:
            regulations = load_regulations()
        except (DataError, Refused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{units} đơn vị hành chính, {agencies} cơ quan, {regulations} quy định.")
