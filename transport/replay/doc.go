// Package replay plays stories against a server, and says where the server departs from
// them. A story is a YAML file that a person writes and reads: requests, the answers that
// must come, mails and text messages, time that passes, passkeys and codes made on the
// fly, several clients.
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
//	drop: token|cookies|all|NAME
//	                      forgets
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
//
// want, pending, flows, errors and cookies may be said for each client: {browser: 401, rest: 200}.
//
// # Templates
//
// {{email}}, {{username}}, {{phone}}, {{password}}, {{sub}}, {{word}}, with a number behind
// for more, make themselves up. {{email.local}}, {{last.data.0.id}},
// {{last.data[is_current=false].id}}, {{token}}, {{access_token}}, {{refresh_token}},
// {{flow_token}}, {{csrftoken}}, {{sessionid}}, {{base}}, {{client}}, {{idp}} are what they
// say; {{secret}}, {{recovery_code}}, {{recovery_codes.3}}, {{user_id}} are of the given
// account, {{secret2}} of the second. {{totp}}, {{totp_next}} (of a period not used yet) and
// {{totp_wrong}} take a secret's name, or none. {{passkey_new NAME flags}} and {{passkey_get
// NAME flags}} answer the last options, {{id_token claim=value}} makes a token; package
// device has the flags. {{upper x}}, lower, nodash, wrong, swap, int, {{repeat text n}} make
// other values. A text that is one template takes its type.
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
// [Load] reads stories, [Plays] lists who plays what, [RunAll] plays against a [Target]:
// package stand gives every play a server of its own in this process. [Check] is for tests.
// Stories in which time passes, or accounts are given, or the configuration is changed, are
// skipped where the target cannot do that. What [Printer] writes is the same each time.
//
//	story.go, load.go, macro.go      the file        client.go, template.go, devices.go   a play's hands
//	recording.go                     its recording   normal.go, compare.go, expect.go     what is compared
//	play.go, suite.go                a play, all     print.go, json.go, trail.go          what is said
package replay
