// Package authenticators registers and signs in with security keys and passkey devices of other
// people: Chromium's virtual authenticator in all its variants, python-fido2's client,
// nid-webauthn-emulator and virtualwebauthn. Each walks the same cases before one server; the
// README's table is what came of it. All but the last need a browser or packages, whose versions
// testdata/authenticators pins: where STAGEDOOR_REQUIRE does not ask for them, the tests skip.
package authenticators
