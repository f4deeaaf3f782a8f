"""The door: signing in and out, lost passwords, accounts that were closed, the admin site."""

import re
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from accounts.roles import Role

PASSWORD = "Mot mat khau du dai"
NEW_PASSWORD = "Mat khau moi con dai hon"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
TOO_OFTEN = "Đăng nhập sai quá nhiều lần. Hãy đợi ít phút rồi thử lại."
LOGIN = reverse("account_login")
RESET = reverse("account_reset_password")
ADMIN = "/quan-tri/"


@pytest.fixture
def user(officer: User) -> User:
    officer.set_password(PASSWORD)
    officer.save()
    return officer


def sign_in(client: Client, login: str, password: str = PASSWORD, **fields: str) -> HttpResponse:
    return client.post(LOGIN, {"login": login, "password": password, **fields})


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def errors(response: HttpResponse) -> list[str]:
    """What the form says as a whole."""
    return response.context["form"].non_field_errors()


def words_of(response: HttpResponse) -> str:
    """What a person reads in the middle of the page, or hears instead of a picture."""
    html = re.sub(r"(?s)<svg.*?</svg>", "", response.content.decode())
    main = re.search(r"(?s)<main.*?</main>", html)
    html = main.group() if main else html
    hidden = re.findall(r'(?:placeholder|title|aria-label)="([^"]+)"', html)
    return " ".join([strip_tags(html), *hidden])


# --- Signing in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login", ["officer", "officer@mau.example", "OFFICER@MAU.EXAMPLE", " officer "]
)
def test_sign_in_by_user_name_or_email(client: Client, user: User, login: str) -> None:
    response = sign_in(client, login)

    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").wsgi_request.user == user


def test_sign_in_leads_to_the_page_that_was_asked_for(client: Client, user: User) -> None:
    asked = client.get("/cong-viec/")

    response = sign_in(client, "officer", next="/cong-viec/")

    assert asked.url == f"{LOGIN}?next=/cong-viec/"
    assert (response.status_code, response.url) == (302, "/cong-viec/")


def test_w5_wrong_password_and_unknown_account_read_the_same(client: Client, user: User) -> None:
    answers = [
        sign_in(client, "officer", "sai"),
        sign_in(client, "officer@mau.example", "sai"),
        sign_in(client, "nobody"),
        sign_in(client, "nobody@mau.example"),
    ]

    assert [errors(answer) for answer in answers] == [[WRONG]] * 4
    assert {answer.status_code for answer in answers} == {200}
    assert is_signed_in(client) is False


def test_empty_form_says_what_is_missing(client: Client, db: None) -> None:
    form = sign_in(client, "", "").context["form"]

    missing = ["Trường này là bắt buộc."]
    assert form.errors == {"login": missing, "password": missing}


def test_w2_session_gets_a_new_name_at_sign_in(client: Client, user: User) -> None:
    session = client.session
    session["before"] = "sign-in"
    session.save()
    planted = session.session_key

    sign_in(client, "officer")

    assert client.session.session_key != planted
    assert Session.objects.filter(session_key=planted).exists() is False


def test_session_cookie_is_out_of_reach_for_scripts_and_other_sites(
    client: Client, user: User
) -> None:
    sign_in(client, "officer")

    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == ""  # gone with the browser's window


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "http:///evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "\x08//evil.example",
        "/\t/evil.example",
    ],
)
def test_w3_sign_in_never_leads_out_of_the_portal(client: Client, user: User, target: str) -> None:
    response = sign_in(client, "officer", next=target)

    assert (response.status_code, response.url) == (302, "/")


def test_w3_signed_in_visitor_of_the_door_is_not_led_out_either(client: Client, user: User) -> None:
    sign_in(client, "officer")

    response = client.get(LOGIN, {"next": "//evil.example"})

    assert (response.status_code, response.url) == (302, "/")


def test_w3_sign_out_never_leads_out_of_the_portal(client: Client, user: User) -> None:
    sign_in(client, "officer")

    response = client.post(reverse("account_logout"), {"next": "//evil.example"})

    assert (response.status_code, response.url) == (302, LOGIN)


def test_w4_after_five_wrong_passwords_the_right_one_must_wait(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        sign_in(client, "officer", "sai")

    sixth = sign_in(client, "officer")
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    after_five_minutes = sign_in(client, "officer")

    assert (sixth.status_code, errors(sixth)) == (200, [TOO_OFTEN])
    assert (after_five_minutes.status_code, after_five_minutes.url) == (302, "/")


def test_w4_others_at_the_same_address_are_not_locked_out(
    client: Client, user: User, other_officer: User
) -> None:
    other_officer.set_password(PASSWORD)
    other_officer.save()
    for _ in range(6):
        sign_in(client, "officer", "sai")

    response = sign_in(client, "other_officer")

    assert (response.status_code, response.url) == (302, "/")


def test_w4_one_address_may_not_try_many_accounts(client: Client, db: None) -> None:
    answers = [sign_in(client, f"nobody{n}") for n in range(11)]

    assert [errors(answer) for answer in answers] == [[WRONG]] * 10 + [[TOO_OFTEN]]


def test_w9_forged_address_does_not_dodge_the_limit(client: Client, user: User) -> None:
    for n in range(10):
        client.post(
            LOGIN,
            {"login": f"nobody{n}", "password": "sai"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )

    response = client.post(
        LOGIN,
        {"login": "officer", "password": PASSWORD},
        headers={"X-Forwarded-For": "203.0.113.99"},
    )

    assert errors(response) == [TOO_OFTEN]


@pytest.fixture
def redis_away(settings: Any) -> None:
    """The office's cache, at an address where nobody answers."""
    office = import_module("ocop_portal.settings").CACHES["default"]
    settings.CACHES = {"default": {**office, "LOCATION": "redis://127.0.0.1:1/0"}}
    cache.memory.clear()


def test_r3_people_sign_in_while_redis_is_away(
    redis_away: None, client: Client, user: User
) -> None:
    began = time.monotonic()

    response = sign_in(client, "officer")

    assert (response.status_code, response.url) == (302, "/")
    assert time.monotonic() - began < 1


def test_r3_attempts_are_counted_while_redis_is_away(
    redis_away: None, client: Client, user: User
) -> None:
    answers = [errors(sign_in(client, "officer", "sai")) for _ in range(6)]

    assert answers == [[WRONG]] * 5 + [[TOO_OFTEN]]


# --- Signing out, closed accounts -----------------------------------------------------------------


def test_w1_sign_out_asks_before_it_happens(client: Client, user: User) -> None:
    sign_in(client, "officer")

    asked = client.get(reverse("account_logout"))
    still = is_signed_in(client)
    left = client.post(reverse("account_logout"))

    assert (asked.status_code, still) == (200, True)
    assert (left.status_code, left.url) == (302, LOGIN)
    assert is_signed_in(client) is False


def test_w11_session_is_gone_after_sign_out(client: Client, user: User) -> None:
    sign_in(client, "officer")
    key = client.session.session_key

    client.post(reverse("account_logout"))
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    assert is_signed_in(client) is False


def test_a5_disabled_account_is_out_at_once(client: Client, user: User) -> None:
    sign_in(client, "officer")
    before = is_signed_in(client)

    User.objects.filter(pk=user.pk).update(is_active=False)

    response = client.get("/cong-viec/")
    assert before is True
    assert (response.status_code, response.url) == (302, f"{LOGIN}?next=/cong-viec/")


def test_a4_lost_role_closes_its_pages_at_once(client: Client, user: User) -> None:
    sign_in(client, "officer")
    before = client.get(reverse("products:import_list")).status_code != 403

    User.objects.filter(pk=user.pk).update(roles=[])

    assert (before, client.get(reverse("products:import_list")).status_code) == (True, 403)


def test_a5_disabled_account_cannot_sign_in(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)

    response = sign_in(client, "officer")

    assert (response.status_code, response.url) == (302, reverse("account_inactive"))
    assert is_signed_in(client) is False


# --- Passwords ------------------------------------------------------------------------------------


def ask_for_link(client: Client, email: str = "officer@mau.example", **extra: Any) -> HttpResponse:
    return client.post(RESET, {"email": email}, **extra)


def link_in(mail: EmailMessage) -> str:
    (link,) = re.findall(r"https?://\S+", mail.body)
    return link


def open_link(client: Client, link: str) -> HttpResponse:
    """Open the link of the e-mail; the key moves from the address into the session."""
    return client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)


def choose(client: Client, page: HttpResponse, password: str = NEW_PASSWORD) -> HttpResponse:
    fields = {"password1": password, "password2": password}
    return client.post(page.request["PATH_INFO"], fields)


def test_lost_password_is_set_by_the_link_in_the_mail(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    sent = ask_for_link(client)
    page = open_link(client, link_in(mailoutbox[0]))
    done = choose(client, page)

    assert sent.url == reverse("account_reset_password_done")
    assert mailoutbox[0].to == ["officer@mau.example"]
    assert mailoutbox[0].subject == "[Cổng OCOP] Đặt lại mật khẩu"
    assert "Tên đăng nhập: officer\n" in mailoutbox[0].body
    assert done.url == reverse("account_reset_password_from_key_done")
    assert sign_in(Client(), "officer", NEW_PASSWORD).status_code == 302
    assert errors(sign_in(Client(), "officer", PASSWORD)) == [WRONG]


@pytest.mark.parametrize("host", ["localhost", "localhost:6666", "127.0.0.1:1"])
def test_w6_link_points_to_the_portal_whatever_the_host_header_says(
    client: Client, user: User, mailoutbox: list[EmailMessage], host: str
) -> None:
    ask_for_link(client, headers={"Host": host})

    path = link_in(mailoutbox[0]).removeprefix(settings.PUBLIC_URL)
    assert path.startswith(RESET)
    assert host not in mailoutbox[0].body.replace(settings.PUBLIC_URL, "")


def test_w6_host_header_of_somebody_else_is_refused(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    response = ask_for_link(client, headers={"Host": "evil.example"})

    assert (response.status_code, mailoutbox) == (400, [])


def test_w6_link_works_once(client: Client, user: User, mailoutbox: list[EmailMessage]) -> None:
    ask_for_link(client)
    link = link_in(mailoutbox[0])
    choose(client, open_link(client, link))

    again = open_link(Client(), link)

    assert "Liên kết không còn dùng được" in words_of(again)


def test_w6_key_is_not_in_the_address_of_the_page(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_link(client)
    link = link_in(mailoutbox[0])

    page = open_link(client, link)

    key = link.rstrip("/").rpartition("-")[2]
    assert page.redirect_chain[-1][1] == 302
    assert key not in page.request["PATH_INFO"]


def test_w6_earlier_link_dies_with_the_password(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_link(client)
    ask_for_link(client)
    first, second = map(link_in, mailoutbox)
    choose(client, open_link(client, second))

    assert "Liên kết không còn dùng được" in words_of(open_link(Client(), first))


def test_w5_link_for_an_unknown_address_reads_the_same(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    known, unknown = ask_for_link(client), ask_for_link(client, "nobody@mau.example")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mailoutbox] == [["officer@mau.example"]]


def test_a5_disabled_account_gets_no_link(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)

    ask_for_link(client)

    assert mailoutbox == []


def change(client: Client, old: str = PASSWORD, new: str = NEW_PASSWORD, again: str = "") -> Any:
    fields = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post(reverse("account_change_password"), fields)


def test_password_is_changed_and_other_browsers_are_signed_out(client: Client, user: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, "officer")
    sign_in(client, "officer")
    key = client.session.session_key

    response = change(client)

    assert response.status_code == 302
    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)
    assert client.session.session_key != key
    assert sign_in(Client(), "officer", NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"old": "sai"}, {"oldpassword": ["Hãy nhập mật khẩu hiện tại."]}),
        ({"again": "khác"}, {"password2": ["Hai mật khẩu không giống nhau."]}),
        ({"new": "Ngan2021x"}, {"password1": ["Mật khẩu phải có ít nhất 10 ký tự."]}),
        ({"new": "9481736205117"}, {"password1": ["Mật khẩu này hoàn toàn là số."]}),
        ({"new": "password123"}, {"password1": ["Mật khẩu này quá phổ biến."]}),
        (
            {"new": "officer@mau.example"},
            {"password1": ["Mật khẩu quá giống với địa chỉ email."]},
        ),
    ],
    ids=["old", "again", "short", "digits", "common", "similar"],
)
def test_bad_new_password_is_refused_in_vietnamese(
    client: Client, user: User, fields: dict[str, str], expected: dict[str, list[str]]
) -> None:
    sign_in(client, "officer")

    response = change(client, **fields)

    assert response.context["form"].errors == expected
    assert sign_in(Client(), "officer").status_code == 302


def test_short_password_reads_the_same_behind_the_link(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_link(client)
    page = open_link(client, link_in(mailoutbox[0]))

    response = choose(client, page, "Ngan2021x")

    expected = {"password1": ["Mật khẩu phải có ít nhất 10 ký tự."]}
    assert response.context["form"].errors == expected


def test_password_page_is_for_signed_in_people(client: Client, db: None) -> None:
    address = reverse("account_change_password")

    assert client.get(address).url == f"{LOGIN}?next={address}"


def test_password_is_never_kept_as_it_is(user: User) -> None:
    assert PASSWORD not in User.objects.values_list("password", flat=True).get(pk=user.pk)


# --- Nobody signs up ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client: Client, db: None, method: str) -> None:
    fields = {
        "username": "new",
        "email": "new@mau.example",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "is_superuser": "on",
    }

    response = getattr(client, method)(reverse("account_signup"), fields)

    assert response.templates[0].name == "account/signup_closed.html"
    assert User.objects.count() == 0


# --- Words ----------------------------------------------------------------------------------------

ENGLISH = re.compile(
    r"\b(?:the|your?|must|password|forgot|sign|login|log|user|username|e-?mail address|again|"
    r"please|too|requests?|try|invalid|enter|current|new)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
    ],
)
def test_pages_of_the_door_are_vietnamese(client: Client, db: None, name: str) -> None:
    words = words_of(client.get(reverse(name)))

    assert ENGLISH.findall(words) == []


@pytest.mark.parametrize(
    "name", ["account_logout", "account_change_password", "account_reauthenticate"]
)
def test_pages_of_the_account_are_vietnamese(client: Client, user: User, name: str) -> None:
    sign_in(client, "officer")

    words = words_of(client.get(reverse(name)))

    assert ENGLISH.findall(words) == []


def test_page_for_a_first_password_is_vietnamese(
    user: User, client_of: Callable[[User], Client]
) -> None:
    user.set_unusable_password()
    user.save()
    client = client_of(user)

    page = client.get(reverse("account_set_password"))
    refused = client.post(
        reverse("account_set_password"), {"password1": NEW_PASSWORD, "password2": "khác"}
    )

    assert ENGLISH.findall(words_of(page)) == []
    assert refused.context["form"].errors == {"password2": ["Hai mật khẩu không giống nhau."]}


def test_w4_page_after_too_many_requests_is_vietnamese(client: Client, db: None) -> None:
    answers = [ask_for_link(client) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert ENGLISH.findall(words_of(answers[-1])) == []


# --- The admin site -------------------------------------------------------------------------------


def admin_answers(client: Client) -> list[int]:
    pages = ["", "accounts/user/", "accounts/user/add/", "login/", "khong-co/"]
    return [client.get(f"{ADMIN}{page}").status_code for page in pages]


@pytest.mark.parametrize("role", Role)
def test_a9_admin_site_does_not_exist_for_the_roles(
    person: Callable[..., User], client_of: Callable[[User], Client], role: Role
) -> None:
    client = client_of(person("huyen", role))

    assert admin_answers(client) == [404] * 5


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}])
def test_a9_one_flag_alone_does_not_open_the_admin_site(
    person: Callable[..., User], client_of: Callable[[User], Client], flags: dict[str, bool]
) -> None:
    client = client_of(person("huyen", Role.DEPARTMENT_STAFF, **flags))

    assert admin_answers(client) == [404] * 5


def test_a9_visitors_are_sent_to_the_door_of_the_portal(client: Client, db: None) -> None:
    response = client.get(f"{ADMIN}accounts/user/", follow=True)

    assert response.templates[0].name == "account/login.html"
    assert response.redirect_chain[-1] == (f"{LOGIN}?next={ADMIN}accounts/user/", 302)


def test_a9_administrator_gets_from_the_door_to_the_admin_site(
    client: Client, administrator: User
) -> None:
    administrator.set_password(PASSWORD)
    administrator.save()
    door = client.get(ADMIN, follow=True).context["redirect_field_value"]

    response = sign_in(client, "administrator", next=door)

    assert (response.status_code, response.url) == (302, ADMIN)


def test_a9_admin_site_opens_for_system_administrators(
    administrator: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(administrator)

    assert admin_answers(client) == [200, 200, 200, 404, 404]
    assert "Quản trị hệ thống OCOP" in client.get(ADMIN).content.decode()


def test_a9_units_are_never_typed(administrator: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(administrator)
    units = f"{ADMIN}accounts/administrativeunit/"
    hanoi = administrator.unit

    answers = [
        client.get(units).status_code,
        client.get(f"{units}add/").status_code,
        client.post(f"{units}{hanoi.pk}/change/", {"name": "?"}).status_code,
        client.post(f"{units}{hanoi.pk}/delete/", {"post": "yes"}).status_code,
    ]

    assert answers == [200, 403, 403, 403]


def test_administrator_makes_an_account_and_gives_it_a_role(
    administrator: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(administrator)
    client.post(
        f"{ADMIN}accounts/user/add/",
        {
            "username": "moi",
            "full_name": "Nguyễn Thị Mới",
            "email": "moi@mau.example",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "usable_password": "true",
        },
    )
    account = User.objects.get(username="moi")

    client.post(
        f"{ADMIN}accounts/user/{account.pk}/change/",
        {
            "username": "moi",
            "full_name": "Nguyễn Thị Mới",
            "email": "moi@mau.example",
            "roles": "district_officer,council_secretary",
            "unit": administrator.unit.pk,
            "is_active": "on",
        },
    )

    account.refresh_from_db()
    assert account.roles == [Role.DISTRICT_OFFICER, Role.COUNCIL_SECRETARY]
    assert (account.unit, account.is_staff, account.is_superuser) == (
        administrator.unit,
        False,
        False,
    )
    assert sign_in(Client(), "moi").status_code == 302
