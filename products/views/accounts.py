"""Pages of producers' accounts, and handing a dossier to and fro between producer and officer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Role
from ocop_portal.permissions import public, requires
from ocop_portal.problems import Refused
from products.account_forms import InvitationForm, OpenAccountForm
from products.actions import accounts as actions
from products.actions import handover
from products.forms import ReasonForm
from products.models import Dossier, Producer, ProducerInvitation

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@requires("products.invite_producers")
def account_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The accounts of a producer: who has access, who is invited, and inviting somebody."""
    producer = _producer(request, pk)
    form = InvitationForm(request.POST or None)
    status, url = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invitation, url = actions.invite_account(
                    producer, by=request.user, **form.cleaned_data
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                sent = actions.send_invitation(invitation, url)
                _tell_of_invitation(request, invitation, sent=sent)
                status, form = 200, InvitationForm()
    context = {
        "producer": producer,
        "accounts": producer.accounts.order_by("full_name"),
        "invitations": producer.invitations.open().select_related("invited_by"),
        "form": form,
        "invitation_url": url,
        "may_invite": request.user.has_perm("products.invite_producers", producer),
    }
    return render(request, "products/producer_accounts.html", context, status=status)


@require_POST
@requires("products.invite_producers")
def account_end(request: HttpRequest, pk: int, account_pk: int) -> HttpResponse:
    producer = _producer(request, pk)
    account = get_object_or_404(producer.accounts, pk=account_pk)
    actions.end_access(producer, account, by=request.user)
    messages.success(request, f"{account} không còn vào được hồ sơ của chủ thể này.")
    return redirect("products:account_list", pk=pk)


@require_POST
@requires("products.invite_producers")
def invitation_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Producer.objects.visible_to(request.user).values("pk")
    rows = ProducerInvitation.objects.select_related("producer__unit")
    invitation = get_object_or_404(rows, pk=pk, producer__in=visible)
    actions.cancel_invitation(invitation, by=request.user)
    messages.success(request, "Đã hủy lời mời.")
    return redirect("products:account_list", pk=invitation.producer_id)


@require_http_methods(FORM_METHODS)
@sensitive_post_parameters("password1", "password2")
@public
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """What the address in an invitation leads to: a new account, or the producer for one's own."""
    rows = ProducerInvitation.objects.select_related("producer__unit")
    invitation = rows.with_token(token).first()
    if invitation is None:
        raise Http404
    if not invitation.is_open:
        return render(request, "products/invitation_ended.html", status=410)
    user = request.user
    if user.is_authenticated:
        mine = invitation.accepts(user) and user.has_role(Role.PRODUCER)
        if request.method == "POST" and mine:
            actions.join_account(invitation, by=user)
            messages.success(request, f"Bạn soạn được hồ sơ của {invitation.producer}.")
            return redirect(invitation.producer)
        context = {"invitation": invitation, "mine": mine}
        return render(request, "products/invitation_join.html", context)
    form = OpenAccountForm(request.POST or None, invitation=invitation)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.open_account(
                    invitation,
                    username=form.cleaned_data["username"],
                    password=form.cleaned_data["password1"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Đã mở tài khoản. Hãy đăng nhập.")
                return redirect("account_login")
    context = {"invitation": invitation, "form": form}
    return render(request, "products/invitation_accept.html", context, status=status)


@require_POST
@requires("products.hand_over_dossier")
def dossier_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = handover.hand_over(_dossier(request, pk), by=request.user)
    messages.success(request, "Đã gửi hồ sơ cho cán bộ. Cán bộ kiểm tra rồi nộp.")
    return redirect(dossier)


@require_http_methods(FORM_METHODS)
@requires("products.give_back_dossier")
def dossier_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the producer's account go on, with what it has to do."""
    dossier = _dossier(request, pk)
    form = ReasonForm(request.POST or None, label="Việc chủ thể cần làm")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            handover.give_back(dossier, by=request.user, **form.cleaned_data)
            messages.success(request, "Đã chuyển hồ sơ để chủ thể soạn tiếp.")
            return redirect(dossier)
    context = {"form": form, "dossier": dossier}
    return render(request, "products/dossier_give_back.html", context, status=status)


@require_POST
@requires("products.take_back_dossier")
def dossier_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = handover.take_back(_dossier(request, pk), by=request.user)
    messages.success(request, "Đã nhận lại hồ sơ.")
    return redirect(dossier)


def _tell_of_invitation(
    request: HttpRequest, invitation: ProducerInvitation, *, sent: bool
) -> None:
    if sent:
        messages.success(request, f"Đã gửi lời mời đến {invitation.email}.")
    else:
        messages.warning(
            request, "Máy chủ thư không nhận thư: hãy tự gửi liên kết dưới đây cho chủ thể."
        )


def _producer(request: HttpRequest, pk: int) -> Producer:
    rows = Producer.objects.visible_to(request.user).select_related("unit", "district")
    return get_object_or_404(rows, pk=pk)


def _dossier(request: HttpRequest, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(request.user).select_related("product__producer")
    return get_object_or_404(rows.select_related("product__unit"), pk=pk)
