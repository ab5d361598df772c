"""The journey of an account on the headless contract, as an app, by a generated client."""

import httpx

from client.headless import AuthenticatedClient
from client.headless.api.e_mail import app_verify_email
from client.headless.api.second_factor import (
    app_activate_totp,
    app_authenticate_second_factor,
    app_get_totp,
)
from client.headless.api.session import app_delete_session, app_get_session
from client.headless.api.signing_in import app_login, app_reauthenticate
from client.headless.api.signing_up import app_signup
from client.headless.models import (
    ActivateTOTPRequest,
    Authenticated,
    AuthenticateSecondFactorRequest,
    AuthenticationRequired,
    AuthenticatorAnswer,
    Flow,
    LoginRequest,
    NoTOTP,
    NotAuthenticated,
    ReauthenticateRequest,
    SignupRequest,
    VerifyEmailRequest,
)

from desk import EMAIL, PASSWORD, SERVER, key_of_mail, totp


class Session(httpx.Auth):
    """Keeps an app's token: it sends back the last one that it was given.

    It forgets it when it signs out, or when the server does not know it any more.
    """

    requires_response_body = True
    token: str | None = None

    def auth_flow(self, request):  # type: ignore[no-untyped-def]
        if self.token:
            request.headers["X-Session-Token"] = self.token
        response = yield request
        self.token = response.json().get("meta", {}).get("session_token", self.token)
        if response.status_code == 410 or request.method == "DELETE":
            self.token = None


def pending(flows: list[Flow]) -> str | None:
    """The flow that the server waits for."""
    return next((str(flow.id) for flow in flows if flow.is_pending is True), None)


api = AuthenticatedClient(
    SERVER + "/_allauth", token="", prefix="", auth_header_name="X-Session-Token", httpx_args={"auth": Session()}
)

signup = app_signup.sync(client=api, body=SignupRequest(EMAIL, PASSWORD))
assert isinstance(signup, NotAuthenticated), signup
assert pending(signup.data.flows) == "verify_email", signup
verified = app_verify_email.sync(client=api, body=VerifyEmailRequest(key_of_mail()))
assert isinstance(verified, NotAuthenticated), verified
assert pending(verified.data.flows) is None, verified
login = app_login.sync(client=api, body=LoginRequest(EMAIL, PASSWORD))
assert isinstance(login, Authenticated), login

none = app_get_totp.sync(client=api)
assert isinstance(none, NoTOTP), none
secret = none.meta.secret
active = app_activate_totp.sync(client=api, body=ActivateTOTPRequest(totp(secret)))
if isinstance(active, AuthenticationRequired):
    proof = app_reauthenticate.sync(client=api, body=ReauthenticateRequest(PASSWORD))
    assert isinstance(proof, Authenticated), proof
    active = app_activate_totp.sync(client=api, body=ActivateTOTPRequest(totp(secret)))
assert isinstance(active, AuthenticatorAnswer), active

logout = app_delete_session.sync(client=api)
assert isinstance(logout, NotAuthenticated), logout
again = app_login.sync(client=api, body=LoginRequest(EMAIL, PASSWORD))
assert isinstance(again, NotAuthenticated), again
assert pending(again.data.flows) == "mfa_authenticate", again
second = app_authenticate_second_factor.sync(
    client=api, body=AuthenticateSecondFactorRequest(totp(secret))
)
assert isinstance(second, Authenticated), second

end = app_get_session.sync(client=api)
assert isinstance(end, Authenticated), end
print(end.data.user.email, "is signed in by", *(method.method for method in end.data.methods))
