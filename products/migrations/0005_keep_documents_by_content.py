from typing import Any

from django.db import migrations


def keep_by_content(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001
    """Give each document the stored file with its content; the files stay where they are."""
    documents = apps.get_model("products", "DossierDocument").objects.filter(stored=None)
    stored_files = apps.get_model("ocop_portal", "StoredFile").objects
    for document in documents.order_by("pk").iterator():
        document.stored, _created = stored_files.get_or_create(
            sha256=document.sha256,
            defaults={
                "file": document.file.name,
                "extension": document.extension,
                "size": document.size,
                "uploaded_by_id": document.uploaded_by_id,
            },
        )
        document.save(update_fields=["stored"])


class Migration(migrations.Migration):
    # Apart from the change of columns: PostgreSQL alters no table whose rows it has yet to check.
    dependencies = [("products", "0004_stored_documents")]

    operations = [migrations.RunPython(keep_by_content, elidable=True)]
