"""The same journey on the plain contract, by bearer tokens."""

from client.plain import AuthenticatedClient, Client
from client.plain.api.e_mail import verify_email
from client.plain.api.second_factor import activate_totp, authenticate_second_factor, offer_totp
from client.plain.api.session import get_session, logout
from client.plain.api.signing_in import login
from client.plain.api.signing_up import signup
from client.plain.api.stages import start_reauthenticate
from client.plain.models import (
    ActivateTOTPRequest,
    AuthenticateSecondFactorRequest,
    AuthenticatorAdded,
    Entered,
    LoginRequest,
    NotAuthenticated,
    SessionAnswer,
    SignupAnswer,
    SignupRequest,
    StartReauthenticateRequest,
    TOTPSecret,
    Unfinished,
    Verified,
    VerifyEmailRequest,
)

from desk import EMAIL, PASSWORD, SERVER, key_of_mail, totp

stranger = Client(SERVER)

waits = signup.sync(client=stranger, body=SignupRequest(EMAIL, PASSWORD))
assert isinstance(waits, SignupAnswer) and waits.flow == "verify_email", waits
# The generator takes a session that may be there for one that must.
verified = verify_email.sync(
    client=stranger,  # type: ignore[arg-type]
    body=VerifyEmailRequest(key_of_mail()),
)
assert isinstance(verified, Verified) and verified.verified, verified
entered = login.sync(client=stranger, body=LoginRequest(EMAIL, PASSWORD))
assert isinstance(entered, Entered), entered

api = AuthenticatedClient(SERVER, token=entered.access_token)
offer = offer_totp.sync(client=api)
assert isinstance(offer, TOTPSecret), offer
secret = offer.secret
active = activate_totp.sync(client=api, body=ActivateTOTPRequest(secret, totp(secret)))
if isinstance(active, NotAuthenticated):
    assert active.flow == "reauthenticate", active
    proof = start_reauthenticate.sync_detailed(client=api, body=StartReauthenticateRequest(PASSWORD))
    assert proof.status_code == 200, proof
    active = activate_totp.sync(client=api, body=ActivateTOTPRequest(secret, totp(secret)))
assert isinstance(active, AuthenticatorAdded), active
assert logout.sync_detailed(client=api).status_code == 200

again = login.sync(client=stranger, body=LoginRequest(EMAIL, PASSWORD))
assert isinstance(again, Unfinished) and again.flow == "mfa_authenticate", again
assert isinstance(again.flow_token, str), again
second = authenticate_second_factor.sync(
    client=stranger, body=AuthenticateSecondFactorRequest(again.flow_token, totp(secret))
)
assert isinstance(second, Entered), second

end = get_session.sync(client=AuthenticatedClient(SERVER, token=second.access_token))
assert isinstance(end, SessionAnswer), end
print(end.user.email, "is signed in by", *(method.method for method in end.methods))
