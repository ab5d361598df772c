// Package rest answers the plain token contract: /auth/..., JSON in, a bearer token out,
// for scripts and small pages.
//
//	POST /auth/login/ {email, password}
//	  200 {"access_token", "token_type": "Bearer", "expires_in", "user"}   signed in
//	  401 {"flow", "pending": true, "flow_token"}                          a stage is pending
//	  400 {"errors": {"field": ["message"]}}                               the input is wrong
//
// A flow_token names one run and goes into the body, as token, of what answers the
// pending stage. It is never a bearer token. No cookie is read, so no request can be
// forged by another page. No flow logic lives here: inputs, answers and routes only.
//
// The map: routes.go lists the contract and its inputs, call.go is one request on its
// way, in the five pieces of [contract.Call]; answer.go has the shapes, openapi.go lists
// its operations and answers for the document.
package rest
