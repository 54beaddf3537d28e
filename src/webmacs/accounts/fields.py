"""What a user name, an e-mail address and a new password may be, for requests and for the command."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from webmacs.accounts.passwords import check_new_password
from webmacs.problem import Problem

USERNAME = re.compile(r"[A-Za-z0-9._-]{2,50}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Body(BaseModel):
    """A request's JSON object: nothing unknown in it, and no number where a text belongs."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("nul", "no NUL")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "not blank")
    return text


def check_username(name: str) -> str:
    """The same name; raises ValueError. The database has the same rule, but its log would show the whole row."""
    if not USERNAME.fullmatch(name):
        raise ValueError("The username must be 2 to 50 letters, digits, dots, - or _.")
    return name


def check_email(address: str) -> str:
    """The same address; raises ValueError."""
    if not EMAIL.fullmatch(address) or len(address) > 254 or "\0" in address:
        raise ValueError("The email must be an address of at most 254 characters, such as ada@example.org.")
    return address


def _check_password(password: str) -> str:
    try:
        check_new_password(password)
    except Problem as problem:
        raise ValueError(str(problem)) from None
    return password


Username = Annotated[str, AfterValidator(check_username)]
NewPassword = Annotated[
    str, AfterValidator(_check_password), Field(description="15 to 1000 characters, not easy to guess.")
]
# What somebody types in to log in: anything, but not without end.
Typed = Annotated[str, Field(max_length=1000)]
Email = Annotated[Typed, AfterValidator(check_email)]
Login = Annotated[Typed, AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_storable), AfterValidator(_not_blank)]
