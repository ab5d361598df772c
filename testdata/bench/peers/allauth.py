# What django-allauth needs beside a project with headless mode (HEADLESS_CLIENTS with "app") for
# `go run ./testdata/bench --peer allauth=...`: an address and a password, TOTP, no limits, and a hash that costs
# nearly nothing. Run it with as many threads as the bench has connections (8).
from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OneRound(PBKDF2PasswordHasher):
    algorithm = "pbkdf2_sha256"
    iterations = 1


PASSWORD_HASHERS = ["bench_settings.OneRound"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
