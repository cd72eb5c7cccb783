"""Who is calling: login, sessions, tokens, CSRF, language; turns a request into an actor, denies by default."""

from app.access.callers import Caller
from app.access.csrf import CSRF_FIELD, CSRF_HEADER, csrf_token
from app.access.gate import install_access, is_poll, largest_body
from app.access.login import log_in, log_out, seconds_left, stay_logged_in
from app.access.own_account import change_own_password, end_other_sessions
from app.access.passwords import hash_password, temporary_password
from app.access.rules import large_body, public, public_machine, requires, requires_login, undeclared
from app.access.state import current_actor, current_caller, current_deps, current_language, current_now, settings_of
from app.access.tokens import issue_token, revoke_tokens

__all__ = [
    "CSRF_FIELD",
    "CSRF_HEADER",
    "Caller",
    "change_own_password",
    "csrf_token",
    "current_actor",
    "current_caller",
    "current_deps",
    "current_language",
    "current_now",
    "end_other_sessions",
    "hash_password",
    "install_access",
    "is_poll",
    "issue_token",
    "large_body",
    "largest_body",
    "log_in",
    "log_out",
    "public",
    "public_machine",
    "requires",
    "requires_login",
    "revoke_tokens",
    "seconds_left",
    "settings_of",
    "stay_logged_in",
    "temporary_password",
    "undeclared",
]
