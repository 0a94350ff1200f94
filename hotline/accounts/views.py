"""Log-in, log-out, password, start page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from directory.access import standing
from directory.models import Staff
from hotline.accounts.forms import LoginForm
from hotline.accounts.start import page_for


class Login(LoginView):
    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    next_page = "/start/"


@method_decorator(never_cache, name="dispatch")
class Logout(LogoutView):
    next_page = "/login/"


@method_decorator(never_cache, name="dispatch")
class Password(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = "/start/"


@login_required
def start(request: HttpRequest) -> HttpResponse:
    staff = request.user
    return redirect(page_for(standing(staff)) if isinstance(staff, Staff) else "/login/")
