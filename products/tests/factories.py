"""The smallest valid producers, products and dossiers."""

from datetime import date

import factory
from django.core.files.base import ContentFile

from accounts.models import AdministrativeUnit
from ocop_portal.models import StoredFile
from products.models import (
    Dossier,
    DossierDocument,
    Producer,
    ProducerDocument,
    Product,
    ProductPhoto,
    ProductStandard,
)
from regulations.models import CriteriaSet

DONG_ANH, GIA_LAM = "017", "018"


def unit_2021(code: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.get(edition=2021, code=code)


class ProducerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Producer

    name = factory.Sequence(lambda n: f"Hợp tác xã Mẫu {n}")
    kind = Producer.Kind.COOPERATIVE
    unit = factory.LazyFunction(lambda: unit_2021(DONG_ANH))


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Sản phẩm mẫu {n}")
    producer = factory.SubFactory(ProducerFactory)
    unit = factory.SelfAttribute("producer.unit")
    criteria_set = factory.LazyFunction(
        lambda: CriteriaSet.objects.get(regulation__code="qd1048-2019", code="do-an-nhanh")
    )


class DossierFactory(factory.django.DjangoModelFactory):
    """A draft of 2021 at the first tier; `complete` gives it every compulsory document."""

    class Meta:
        model = Dossier
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    criteria_set = factory.SelfAttribute("product.criteria_set")
    regulation = factory.SelfAttribute("criteria_set.regulation")
    year = 2021
    filed_on = date(2021, 8, 16)
    tier = "district"

    @factory.post_generation
    def complete(self, create: bool, wanted: bool, **kwargs: object) -> None:
        if wanted:
            for slot in self.regulation.rules.documents:
                if slot.compulsory and slot.is_file:
                    DocumentFactory(dossier=self, slot=slot.code)


class StoredFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StoredFile

    extension = "pdf"
    size = 40
    sha256 = factory.Sequence(lambda n: f"{n:064d}")
    file = factory.LazyAttribute(
        lambda stored: ContentFile(b"%PDF-1.4\n%%EOF\n", name=f"{stored.sha256}.pdf")
    )


class DocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DossierDocument

    dossier = factory.SubFactory(DossierFactory)
    slot = "registration_form"
    original_name = "tai-lieu.pdf"
    stored = factory.SubFactory(StoredFileFactory)
    uploaded_by = factory.LazyAttribute(lambda document: document.dossier.created_by)


class PaperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProducerDocument

    producer = factory.SubFactory(ProducerFactory)
    slot = "business_registration"
    original_name = "giay-phep.pdf"
    stored = factory.SubFactory(StoredFileFactory)


class PhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProductPhoto

    product = factory.SubFactory(ProductFactory)
    stored = factory.SubFactory(StoredFileFactory, extension="jpg", state="ready")
    small = factory.SubFactory(StoredFileFactory, extension="jpg", state="ready")
    original_name = "anh-mau.jpg"
    width, height = 1600, 1200
    small_width, small_height = 480, 360
    position = factory.LazyAttribute(lambda photo: photo.product.photos.current().count() + 1)


class StandardFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProductStandard

    product = factory.SubFactory(ProductFactory)
    kind = ProductStandard.Kind.VIETGAP
    stored = factory.SubFactory(StoredFileFactory)
    original_name = "vietgap.pdf"
