"""What nobody should have to remember: the whole project is read and compared with itself."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import rules
from django.apps import AppConfig
from django.apps import apps as django_apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.template.utils import get_app_template_dirs
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from ocop_portal import jobs, navigation
from ocop_portal.admin import SystemAdminSite
from ocop_portal.celery import app as celery_app

BASE_DIR: Path = settings.BASE_DIR
TEMPLATES = BASE_DIR / "templates"
APPS = [app for app in settings.INSTALLED_APPS if (BASE_DIR / app.partition(".")[0]).is_dir()]
# Opened by Django itself, by their names.
ERROR_PAGES = {"400.html", "403.html", "404.html", "429.html", "500.html"}


def patterns(
    resolver: URLResolver | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address with its view, those of Django's admin site left out."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry, before + str(entry.pattern))
        else:
            yield before + str(entry.pattern), entry


@cache
def source_files() -> dict[Path, str]:
    """The project's own Python files."""
    folders = {BASE_DIR / app.partition(".")[0] for app in APPS}
    files = (file for folder in folders for file in folder.rglob("*.py"))
    return {file: file.read_text(encoding="utf-8") for file in sorted(files)}


@cache
def test_files() -> dict[Path, str]:
    return {file: text for file, text in source_files().items() if "tests" in file.parts}


test_files.__test__ = False  # type: ignore[attr-defined]


def template_names(pattern: str = "*") -> list[str]:
    names = (file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob(pattern))
    return sorted(name for name in names if (TEMPLATES / name).is_file())


# --- Addresses and permissions --------------------------------------------------------------------


def test_every_view_declares_its_permission() -> None:
    silent = [
        address
        for address, entry in patterns()
        if not hasattr(entry.callback, "required_permission")
    ]

    assert silent == []


def test_every_declared_permission_exists() -> None:
    declared = {entry.callback.required_permission for _, entry in patterns()} - {None, ""}

    assert {permission for permission in declared if not rules.perm_exists(permission)} == set()


def test_only_these_pages_need_no_sign_in() -> None:
    public = {entry.name for _, entry in patterns() if entry.callback.required_permission is None}

    assert public == {
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "invitation_accept",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "health",
        "api-root",
        "catalogue_detail",
        "catalogue_list",
        "catalogue_photo",
        "catalogue_photo_small",
        "openapi-json",
        "product",
        "products",
        "robots",
        "sitemap",
        "verify",
        "verify_number",
    }


def test_public_pages_are_exactly_those_that_django_lets_through() -> None:
    """The mark of this project and the one that Django's middleware looks for agree."""
    different = [
        address
        for address, entry in patterns()
        if getattr(entry.callback, "login_required", True)
        == (entry.callback.required_permission is None)
    ]

    assert different == []


def test_a9_admin_site_is_the_one_for_system_administrators() -> None:
    assert isinstance(admin.site, SystemAdminSite)


def test_menu_entries_ask_for_the_permission_of_their_page() -> None:
    asked = {entry.label: entry.permission for entry in navigation._entries}

    opened = {
        entry.label: resolve(entry.url).func.required_permission for entry in navigation._entries
    }

    assert asked == opened


def test_menu_icons_are_drawn() -> None:
    symbols = set(re.findall(r'<symbol[^>]*\bid="icon-([\w-]+)"', icons()))

    assert {entry.icon for entry in navigation._entries} - symbols == set()


def test_icons_that_templates_use_are_drawn() -> None:
    symbols = set(re.findall(r'<symbol[^>]*\bid="icon-([\w-]+)"', icons()))
    used = {
        (name, icon)
        for name in template_names("*.html")
        for icon in re.findall(r'{% icon "([\w-]+)"', (TEMPLATES / name).read_text())
        if name != "_icons.html"
    }

    assert {(name, icon) for name, icon in used if icon not in symbols} == set()


def icons() -> str:
    return (TEMPLATES / "_icons.html").read_text(encoding="utf-8")


# --- Templates ------------------------------------------------------------------------------------


def test_every_template_is_used() -> None:
    texts = [text for file, text in source_files().items() if "tests" not in file.parts]
    texts += [(TEMPLATES / name).read_text(encoding="utf-8") for name in template_names()]
    named = set(re.findall(r"""["']([\w/.-]+\.(?:html|txt|svg))(?:#[\w-]+)?["']""", "".join(texts)))

    unused = [
        name
        for name in template_names()
        if name not in named | ERROR_PAGES and not replaces_one_of_a_package(name)
    ]

    assert unused == []


def replaces_one_of_a_package(name: str) -> bool:
    """Whether a package opens the template by this name."""
    return any((folder / name).is_file() for folder in get_app_template_dirs("templates"))


def test_keys_in_attributes_are_written_without_separators() -> None:
    """From 1.000 on a number is written with a point: no name of an element, and no address."""
    key = re.compile(r"""[a-z-]+="[^"{]*\{\{ [a-z_.]*\.pk \}\}""")
    found = [
        f"{name}: {match[0]}"
        for name in template_names("*.html")
        for match in key.finditer((TEMPLATES / name).read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_template_that_is_named_exists() -> None:
    texts = [text for file, text in source_files().items() if "tests" not in file.parts]
    named = set(re.findall(r"""["']((?:\w+/)*\w+\.html)(?:#[\w-]+)?["']""", "".join(texts)))

    assert named - set(template_names()) == set()


FORBIDDEN = {
    "inline style": re.compile(r"<[^>{%]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "event attribute": re.compile(r"\s(?:hx-on|on[a-z]+)(?:[:-][\w:-]+)?\s*=\s*[\"']"),
    "script address": re.compile(r"javascript:|\bhx-\w+\s*=\s*[\"']js:", re.IGNORECASE),
    # Help texts are written in the code of forms, some of them with lists.
    "unescaped": re.compile(r"(?<!\.help_text)\|\s*safe\b|{%\s*autoescape off"),
    "foreign file": re.compile(r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_w7_templates_hold_nothing_that_the_policy_forbids(what: str) -> None:
    # Documents are drawn on the server; there is no browser and no policy.
    pages = [name for name in template_names("*.html") if "pdf" not in Path(name).parts]

    found = [name for name in pages if FORBIDDEN[what].search((TEMPLATES / name).read_text())]

    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("inline style", '<p class="x" style="color:red">'),
        ("style element", "<style>p{}</style>"),
        ("inline script", "<script>alert(1)</script>"),
        ("event attribute", '<a onclick="x()">'),
        ("event attribute", '<a hx-on:click="x()">'),
        ("script address", '<a href="javascript:x()">'),
        ("unescaped", "{{ text|safe }}"),
        ("foreign file", '<script src="//cdn.example/x.js">'),
    ],
)
def test_what_the_policy_forbids_would_be_found(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text) is not None


# --- Work, migrations, files ----------------------------------------------------------------------


def test_r8_every_background_task_is_tested() -> None:
    celery_app.loader.import_default_modules()
    tasks = {name for name in celery_app.tasks if not name.startswith("celery.")}
    texts = "".join(test_files().values())

    untested = {name for name in tasks if not re.search(rf"\b{name.rpartition('.')[2]}\b", texts)}

    assert tasks >= {"ocop_portal.tasks.run_job", "ocop_portal.tasks.resume_jobs"}
    assert untested == set()


def test_r8_every_kind_of_job_is_tested() -> None:
    texts = "".join(
        text for text in test_files().values() if re.search(r"jobs\.run\(|run_job\(", text)
    )

    untested = {name for name in jobs.names() if not re.search(rf"\b{name}\b", texts)}

    assert untested == set()


def test_kinds_of_jobs_are_registered_under_their_names() -> None:
    found = {name: jobs._kind(name) for name in jobs.names()}

    assert {name: kind and kind.name for name, kind in found.items()} == {
        name: name for name in found
    }


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def is_own(app: AppConfig) -> bool:
    return Path(app.path).is_relative_to(BASE_DIR) and "site-packages" not in app.path


def test_data_and_tables_change_in_migrations_of_their_own() -> None:
    """PostgreSQL alters no table whose rows were changed in the same transaction."""
    own = {app.label for app in django_apps.get_app_configs() if is_own(app)}
    migrations = MigrationLoader(None).disk_migrations
    mixed = [
        f"{label}.{name}"
        for (label, name), migration in migrations.items()
        if label in own
        and migration.atomic
        and len({isinstance(step, RunPython | RunSQL) for step in migration.operations}) > 1
    ]

    assert mixed == []
    assert any(label == "products" for label, _ in migrations)


def test_no_module_prints_or_stops_in_a_debugger() -> None:
    found = [
        str(file.relative_to(BASE_DIR))
        for file, text in source_files().items()
        if re.search(r"\bbreakpoint\(\)|\bpdb\.set_trace", text) and file != Path(__file__)
    ]

    assert found == []
