"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from harken.locale import LANGUAGES
from harken.records.models import User
from harken.records.models.users import Role
from harken.vocabulary.errors import SettingsError
from harken.vocabulary.messages import Message, gettext_noop
from harken.web.parts.messages import in_words


def _text(label: str, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none"})
    return forms.CharField(label=Message(label), widget=widget, max_length=200, **options)  # type: ignore[arg-type]


def _password(label: str, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=Message(label), widget=widget, strip=False, max_length=1000, **options)  # type: ignore[arg-type]


class SignInForm(forms.Form):
    """Who, and the password."""

    account = _text(gettext_noop("Name or e-mail"), "username")
    password = _password(gettext_noop("Password"), "current-password")


class _NewPassword(forms.Form):
    """A password twice, checked against the rules and against its owner's name."""

    owner: User

    def clean(self) -> dict[str, Any]:
        """Both passwords agree and are good enough for this person."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", in_words(Message(gettext_noop("The two passwords differ."))))
        elif data.get("password"):
            try:
                validate_password(data["password"], self.owner)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class SetUpForm(_NewPassword):
    """The first owner."""

    username = _text(gettext_noop("Name to sign in with"), "username")
    email = forms.EmailField(
        label=Message(gettext_noop("E-mail (may stay empty)")),  # type: ignore[arg-type]
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = _password(
        gettext_noop("Password"),
        "new-password",
        help_text=Message(gettext_noop("At least 10 characters; a few unusual words are good.")),
    )
    again = _password(gettext_noop("Password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """The account's own rules too: a free name, a valid address."""
        self.owner = User(
            username=self.cleaned_data.get("username", ""),
            email=self.cleaned_data.get("email", ""),
            role=Role.OWNER,
        )
        data = super().clean()
        try:
            self.owner.full_clean(exclude=["password"])
        except ValidationError as error:
            for field, texts in error.message_dict.items():
                for text in texts:
                    if not self.errors.get(field):
                        self.add_error(field if field in self.fields else None, in_words(Message(text)))
        return data

    def save(self, language: str) -> User:
        """Make the owner."""
        data = self.cleaned_data
        with transaction.atomic():
            return User.objects.create_user(
                data["username"], data["password"], email=data["email"], role=Role.OWNER, language=language
            )


class PasswordForm(_NewPassword):
    """The old password and a new one."""

    old = _password(gettext_noop("Present password"), "current-password", required=False)
    password = _password(gettext_noop("New password"), "new-password")
    again = _password(gettext_noop("New password again"), "new-password")

    def __init__(self, owner: User, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.owner = owner
        if not owner.has_usable_password():
            del self.fields["old"]  # whoever came by a one-time address has none yet

    def clean_old(self) -> str:
        """The present password proves that the person at the keyboard is the account's."""
        old: str = self.cleaned_data["old"]
        if not self.owner.check_password(old):
            raise ValidationError(in_words(Message(gettext_noop("This is not your present password."))))
        return old

    def save(self) -> User:
        """Set the new password."""
        self.owner.set_password(self.cleaned_data["password"])
        self.owner.save(update_fields=["password"])
        return self.owner


class InviteForm(forms.Form):
    """Somebody who shall sign in."""

    username = _text(gettext_noop("Name to sign in with"), "off")
    name = _text(gettext_noop("Full name (may stay empty)"), "off", required=False)
    email = forms.EmailField(
        label=Message(gettext_noop("E-mail (may stay empty)")),  # type: ignore[arg-type]
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=Message(gettext_noop("Role")), initial=Role.MEMBER)  # type: ignore[arg-type]
    language = forms.ChoiceField(
        label=Message(gettext_noop("Language")),  # type: ignore[arg-type]
        required=False,
        choices=[("", "–"), *LANGUAGES.items()],
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["role"].choices = [(role.value, in_words(Message(role.label))) for role in reversed(Role)]  # type: ignore[attr-defined]

    def refuse(self, error: SettingsError) -> None:
        """Put what the account's own rules say at its fields."""
        for problem in error.problems:
            place = problem.column if problem.column in self.fields else None
            self.add_error(place, in_words(problem.reason))
