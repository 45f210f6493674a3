"""Every address of Harken."""

from django.urls import path

from harken.web.pages import accounts, today

urlpatterns = [
    path("", today.today, name="today"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("enter/<str:token>/", accounts.enter, name="enter"),
    path("set-up/<str:token>/", accounts.set_up, name="set-up"),
    path("account/password/", accounts.change_password, name="change-password"),
    path("preferences/", accounts.preferences, name="preferences"),
]

handler403 = "harken.web.pages.failures.refused"
handler404 = "harken.web.pages.failures.not_found"
handler500 = "harken.web.pages.failures.broken"
