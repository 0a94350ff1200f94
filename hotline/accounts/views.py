"""Log-in, log-out, start page, large type."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from directory.access import standing
from directory.models import Staff
from hotline.accounts.forms import LoginForm
from hotline.accounts.start import page_for

ELDER_SECONDS = 365 * 24 * 3600


class Login(LoginView):
    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    next_page = "/start/"


@method_decorator(never_cache, name="dispatch")
class Logout(LogoutView):
    next_page = "/login/"


@login_required
def start(request: HttpRequest) -> HttpResponse:
    staff = request.user
    return redirect(page_for(standing(staff)) if isinstance(staff, Staff) else "/login/")


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Switches large type on (`on=1`) or off, and goes back to the page it was asked on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    if request.POST.get("on") == "1":
        response.set_cookie("elder", "1", max_age=ELDER_SECONDS, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("elder", samesite="Lax")
    return response
