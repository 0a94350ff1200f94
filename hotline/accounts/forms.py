"""The log-in form: Django's, with the brake before the password is looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from hotline.accounts import throttle


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不正确。",
        "inactive": "该账号已停用，请联系系统管理员。",
        "wait": "登录失败次数过多，请 15 分钟后再试。",
    }

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username") or "")
        if self.request is None:
            return super().clean()
        if throttle.must_wait(self.request, username):
            raise forms.ValidationError(self.error_messages["wait"], code="wait")
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            throttle.failed(self.request, username)
            raise
        throttle.succeeded(self.request, username)
        return cleaned
