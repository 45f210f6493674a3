"""People who use Harken."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from harken.vocabulary.messages import gettext_noop


class Role(models.TextChoices):
    """What a person may do: members read, analysts import and analyse, owners also decide who may."""

    OWNER = "owner", gettext_noop("owner")
    ANALYST = "analyst", gettext_noop("analyst")
    MEMBER = "member", gettext_noop("member")


class UserManager(BaseUserManager["User"]):
    """Finds and makes users; names and e-mail addresses are told apart without regard to case."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A new user; without a password the account is entered by a one-time address only."""
        user = self.model(username=username.strip(), **fields)
        user.email = self.normalize_email(user.email)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """An owner, for Django's own command."""
        return self.create_user(username, password, **{"role": Role.OWNER, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        """A user by name or by e-mail address, whichever was typed."""
        field = "email__iexact" if "@" in (username or "") else "username__iexact"
        return self.get(**{field: username})


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by name or e-mail address, with their role, language and theme."""

    username = models.CharField(
        max_length=150,
        unique=True,
        # An "@" would let one person's name be another person's address.
        validators=[RegexValidator(r"^[\w.+-]+$", gettext_noop("Use letters, digits and . + - _ only."))],
        error_messages={"unique": gettext_noop("This name is taken.")},
    )
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("email",)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_any_case",
                violation_error_message=gettext_noop("This name is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_any_case",
                violation_error_message=gettext_noop("This e-mail address is taken."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def may_change_data(self) -> bool:
        """True for owners and analysts: they import, undo and analyse."""
        return self.role in (Role.OWNER, Role.ANALYST)

    @property
    def may_manage(self) -> bool:
        """True for owners: they decide who may do what."""
        return self.role == Role.OWNER
