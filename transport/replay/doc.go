// Package replay plays stories against a server, and says where the server departs from
// them. It is for programs that test what they have built on stagedoor, and for writers of
// stories. A story is a YAML file that a person writes and reads: requests, the
// answers that must come, mails and text messages, time that passes, passkeys and codes
// made on the fly, several clients.
//
// A program plays its stories from a test of its own, on servers that have its stages:
//
//	func TestStories(t *testing.T) {
//		target := replay.InProcess("", func(_ *config.Config, o *server.Options) { o.Extend = acme.Extensions })
//		replay.Check(t, target, os.DirFS("."), "testdata/flows")
//	}
//
//	proves: A code works once; the second sign-in with it is refused.
//	profile: default
//	clients: [browser, app]
//	given: {totp: true}
//	steps:
//	  - {req: POST /auth/login, body: {email: "{{email}}", password: "{{password}}"}, want: 401, pending: mfa_authenticate}
//	  - {req: POST /auth/2fa/authenticate, body: {code: "{{totp}}"}, want: 200}
//	  - {req: POST /auth/login, as: other, body: {email: "{{email}}", password: "{{password}}"}, want: 401}
//	  - {req: POST /auth/2fa/authenticate, as: other, body: {code: "{{totp}}"}, want: 400, errors: ["code:incorrect_code"]}
//
// # The file
//
//	proves     what the story proves; it, or a comment that says so, is the first line
//	profile    the configuration, testdata/profiles/NAME.yaml; default if left out
//	config     what this story would have otherwise, in the form of that file
//	clients    browser, app, rest: each plays the story for itself; browser and app if left out
//	given      accounts that exist before, one or a list: email, verified (true), password,
//	           username, phone, phone_verified (true), totp, recovery_codes, passkey: NAME,
//	           security_key: NAME, provider: {ID: UID}, disabled, attributes; a mail address and
//	           a password are made up unless they are none, a username or phone where it is true
//	prints     fingerprints of flows, {login: 1a2b3c4d}: where the server's differ it is said
//	trail      what the runs went through, in the order of their first turns: a list of
//	           {flow, as, marks: [password_form/ok, ...], end}; a mark may name its reason,
//	           email_due/unverified:mandatory, and need not
//	binds      the devices that hold a key of their own, [main, tablet], main being the one
//	           without a name: a browser binds its sessions where that is offered, an app and a
//	           script prove their key with every request
//	tags, ignore (paths not to compare with a recording), serial, prime (false: no token
//	           against forged requests is fetched), steps
//
// # Steps
//
// A step does one thing:
//
//	req: METHOD /path     a request below the contract of the client, /_allauth/browser/v1 or
//	                      app, or METHOD =/path as it stands; for rest it always stands so,
//	                      and its body carries the token of the run as token by itself.
//	                      With it: body (JSON), form, raw, content_type, headers (empty removes
//	                      one), csrf: none|wrong, token: none|VALUE, repeat: N, burst: N (at
//	                      once) with allow: [statuses], capture: {var: path}, show_headers
//	mail: ADDR, sms: NUM  takes the messages since last asked; the newest is {{mail.code}},
//	                      {{mail.key}}, {{sms.code}}; {{mail.disown}} is the key of its last
//	                      link, by which the reader of a sign-up's letter disowns it
//	oidc: {sub, email}    plays a person at the provider after a redirect and follows the way
//	                      back; error, bad_code, _state and others make it go wrong. For rest
//	                      it follows redirect_url and leaves {{oidc.code}}, {{oidc.state}}
//	do: MACRO             plays a macro of _macros.yaml, with: {arguments}; NAME@PROFILE wins
//	set: {var: value}     sets variables
//	sleep, advance: 15m   lets time pass: at once, or by waiting against an address
//	drop: token|cookies|all|key|NAME
//	                      forgets; an app that has lost its key makes another
//	steal: DEVICE         takes over all cookies and tokens of that device, and not its key:
//	                      {steal: main, as: thief}
//
// and may have as: DEVICE (its own cookies and tokens), only: CLIENT, note: TEXT.
//
// # What must come
//
//	want        the status, any below 500 if left out; of mail and sms the kinds, code, link, notice or none (one message
//	            of any kind if left out); of a burst the statuses
//	pending     the flow that waits, or a list, or none
//	flows       all flows that the answer lists
//	errors      field:code, or code where there is no field
//	answer      a part of the body; <string>, <number>, <bool>, <list>, <any>, <absent> stand
//	            for values
//	answer_headers, cookies (those that changed: [sessionid], ["sessionid deleted"]), location
//	trail       the exits that runs took in this step
//	binding     what a browser that binds did of itself, in order, or none: registered,
//	            refreshed, "skipped: REASON", "ended: WHY", "not registered: WHY"
//
// want, pending, flows, errors and cookies may be said for each client: {browser: 401, rest: 200}.
//
// # Templates
//
// {{email}}, {{username}}, {{phone}}, {{password}}, {{sub}}, {{word}}, {{net6}} (an IPv6
// network, so that {{net6}}::1 is an address of it), with a number behind for more, make
// themselves up. {{email.local}}, {{last.data.0.id}},
// {{last.data[is_current=false].id}}, {{token}}, {{access_token}}, {{refresh_token}},
// {{flow_token}}, {{csrftoken}}, {{sessionid}}, {{cookie.NAME}}, {{proof}} (the one that the
// device made last), {{base}}, {{client}}, {{idp}} are what they say; {{secret}}, {{recovery_code}}, {{recovery_codes.3}}, {{user_id}} are of the given
// account, {{secret2}} of the second. {{totp}}, {{totp_next}} (of a period not used yet) and
// {{totp_wrong}} take a secret's name, or none. {{passkey_new NAME flags}} and {{passkey_get
// NAME flags}} answer the last options, {{id_token claim=value}} makes a token.
// {{upper x}}, lower, nodash, dashed, spaced, wrong, swap, int, {{repeat text n}} make other
// values. A text that is one template takes its type.
//
// # Devices that err
//
// A passkey errs in the ways that its flags name. Of both ceremonies: bad_challenge (that of
// another ceremony), bad_rp (another relying party), bad_origin (a page of another site),
// no_uv (a touch, but no PIN and no finger). Of passkey_new: no_rk (not discoverable),
// no_credprops (nothing is said of that). Of passkey_get: bad_sig, no_handle (as security
// keys do that do not store it), other_id (a credential that nobody has).
//
// The members of oidc and the claims of id_token are those of the person (sub, email,
// email_verified, name, ...) and these:
//
//	error       the person refuses, or the provider does: the error of RFC 6749
//	bad_code    true: the code that comes back is none of the provider's
//	_state      the state that comes back instead of the server's; none for no state
//	exp, iat, auth_time
//	            seconds from now, instead of ten minutes, none and no word of it
//	iss, aud, nonce
//	            instead of the provider's own, the client's, the server's
//	kid         the name of a key that the provider does not publish
//	sig         bad: one byte of the signature is changed
//	key         other: signed with a key that the provider does not publish
//	alg         none: not signed; HS256: signed with the client's secret
//
// What a device that binds sends is changed by two keys of a step:
//
//	skips: REASON
//	            the browser does not fetch cookies that it lacks, and says why
//	proof       none; a proof as it stands, "{{old}}"; or what is otherwise in the device's own:
//	            {header: {...}, claims: {...}} with members, null taking one out, token: another
//	            one, sig: bad or none
//
// Where a step says nothing of it, a proof that lacks a nonce of the server is made anew once.
//
// # Recordings
//
// Below a line that begins "# ---- recorded" stands, for each client, one line of JSON for
// each step that answers. It is compared as a whole: the status, the body with the types of
// what differs from time to time, lists as sets but for methods, errors by code and param,
// cookies, redirects. A story may have both.
//
// # Playing
//
// [Load] reads stories and lists who plays what, [Run] plays against a [Target]:
// [InProcess] gives every play a server of its own in this process, [Behind] plays against
// running servers. [Check] is for tests. Stories in which time passes, or accounts are
// given, or the configuration is changed, are skipped where the target cannot do that.
// What [Printer] writes is the same each time.
package replay
