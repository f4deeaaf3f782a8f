"""Fill an empty installation with the demonstration, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from planning.demo.people import accounts_table, create_people
from planning.demo.pictures import describe
from planning.demo.records import load_products
from planning.demo.story import Story
from products.models import Producer
from regulations.models import Regulation


class Command(BaseCommand):
    help = "Create the demonstration data once; an installation with accounts is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accounts", action="store_true", help="only print the table of accounts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            if User.objects.filter(username="huyen", email__endswith="@mau.example").exists():
                self.stdout.write(accounts_table())
            return
        if User.objects.exists():
            self.stdout.write("Đã có tài khoản: không tạo dữ liệu mẫu.")
            return
        if not Regulation.objects.exists():
            raise CommandError("Chưa có quy định nào: hãy chạy load_reference trước.")
        with transaction.atomic():
            self._create()
        self.stdout.write("Đã tạo dữ liệu mẫu.")

    def _create(self) -> None:
        users = create_people()
        products = load_products()
        Producer.objects.get(name="Hộ kinh doanh ẩm thực Bún ốc Bà Ngoại").accounts.add(
            users["chuthe"]
        )
        Story(users, products).tell()
        describe(users["so"])
