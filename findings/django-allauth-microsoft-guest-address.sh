#!/usr/bin/env bash
# django-allauth 65.22.1 (PyPI), its provider microsoft.
#
# Microsoft Graph says no mail for who has no mailbox, and the provider takes userPrincipalName
# then. By convention that is an address, but not for a guest of a tenant: his principal name is
# his address at home, written with _ for @, then #EXT#, and the tenant's own domain, such as
# ann_gmail.com#EXT#@contoso.onmicrosoft.com. That is no mailbox, and Django takes it for an
# address: the guest's new account has it, and letters to it, the verification among them, reach
# nobody. One would expect the address to be asked for, as of who has none.
#
# The provider is asked what a guest's profile means, as Graph documents it.
# Needs python3; takes half a minute, nearly all of it to install. Exits 0 while that is so, 1 once it
# changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'Django==5.2.8' 'django-allauth[socialaccount]==65.22.1'

cat >guest.py <<'PY'
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="x" * 50,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
                    "allauth", "allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.microsoft"],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
)
django.setup()
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.microsoft.provider import MicrosoftGraphProvider
from django.core.validators import validate_email

guest = {
    "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd", "displayName": "Ann Lee", "givenName": "Ann", "surname": "Lee",
    "mail": None, "mailNickname": "ann_gmail.com#EXT#", "userPrincipalName": "ann_gmail.com#EXT#@contoso.onmicrosoft.com",
}
email = MicrosoftGraphProvider(request=None, app=SocialApp(provider="microsoft")).extract_common_fields(guest)["email"]
print("the guest's address is taken to be", email)
if email != guest["userPrincipalName"]:
    sys.exit("changed")
validate_email(email)
print("and Django has nothing against it")
PY
env/bin/python guest.py
