#!/usr/bin/env bash
# django-allauth 65.22.1 (PyPI), its own front end examples/react-spa/frontend.
#
# Since 65.22.0 the server lists the flow reauthenticate_by_code in every answer that asks for
# a proof, and since 65.20.0 every change of authenticators asks for one after a sign-in. The
# example that comes with the same release has no path for that flow: pathForFlow throws
#
#     Unknown path for flow: reauthenticate_by_code
#
# and the page where the password would be typed is not shown, to nobody, whatever other flow
# stands in the list. So nobody can set up TOTP, recovery codes or a key with it. Front ends
# that were made from the example do the same.
# ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"] keeps the flow out of the list; who has
# neither then gets an empty one, whose first flow the example takes without looking.
#
# The server's answer is made and handed to the example's page, rendered without a browser.
# Needs python3 and node with npm. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'django-allauth[headless,mfa]==65.22.1'
env/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary django-allauth django-allauth==65.22.1
tar xzf django_allauth-65.22.1.tar.gz --strip-components 4 django_allauth-65.22.1/examples/react-spa/frontend

cat >urls.py <<'PY'
from django.urls import include, path

urlpatterns = [path("_allauth/", include("allauth.headless.urls"))]
PY
cat >answer.py <<'PY'
import json, django
from django.conf import settings

settings.configure(
    SECRET_KEY="x" * 50, ROOT_URLCONF="urls", ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
                    "allauth", "allauth.account", "allauth.mfa", "allauth.headless"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware", "allauth.account.middleware.AccountMiddleware"],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    ACCOUNT_LOGIN_METHODS={"email"}, ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"], HEADLESS_ONLY=True,
    MFA_SUPPORTED_TYPES=["recovery_codes", "totp", "webauthn"],
)
django.setup()
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

call_command("migrate", verbosity=0)
user = get_user_model().objects.create_user("ann", "ann@example.org", "violet harbour 7")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
client = Client()
api = "/_allauth/browser/v1"
login = {"email": user.email, "password": "violet harbour 7"}
assert client.post(api + "/auth/login", json.dumps(login), content_type="application/json").status_code == 200
print(json.dumps(client.get(api + "/account/authenticators/webauthn").json()))  # the options to add a key
PY
env/bin/python answer.py >answer.json
echo "answered: $(cat answer.json)"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix tool esbuild@0.25.12 react@18.3.1 react-dom@18.3.1 react-router-dom@6.28.0
cat >page.js <<'JS'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { MemoryRouter } from 'react-router-dom'
import ReauthenticateFlow from './src/account/ReauthenticateFlow'
import reauth from './answer.json'

globalThis.window = {}
const at = { pathname: '/account/reauthenticate', state: { reauth } }
const page = createElement(MemoryRouter, { initialEntries: [at] }, createElement(ReauthenticateFlow, null, 'your password:'))
try {
  console.log('shown: ' + renderToString(page))
} catch (e) {
  console.log('not shown: ' + e.message)
}
JS
NODE_PATH=tool/node_modules tool/node_modules/.bin/esbuild page.js --bundle --platform=node --loader:.js=jsx --jsx=automatic \
	--banner:js='globalThis.window = { sessionStorage: null }' --log-level=error --outfile=page.cjs
node page.cjs 2>page.err | tee page.log
grep -q 'not shown: Unknown path for flow: reauthenticate_by_code' page.log
