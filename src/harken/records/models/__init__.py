"""Models, split by noun."""

from harken.records.models.sign_in import LoginToken, SignInFailures
from harken.records.models.users import User

__all__ = ["LoginToken", "SignInFailures", "User"]
