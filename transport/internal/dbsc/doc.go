// Package dbsc is Device Bound Session Credentials (W3C, webappsec-dbsc) without a server: the
// headers, the proofs that browsers sign, the challenges that they sign, and the cookies by which
// a bound session is known. It asks no store and keeps nothing: what it hands out, but for keys, is
// derived, so that any server of a cluster can judge what another has made.
//
// A conversation passes its parts in this order:
//
//	Offer         the answer that mints a session says where, and for which challenge, a key can be shown
//	Registration  what the browser posts there: the public key, and the proof that it has the other half
//	Instructions  what the browser is to do from now on; with it goes the bound cookie
//	Judge         each request: whether the bound cookie is good
//	Challenge     before it ends, the browser asks for what to sign
//	Refresh       what it signed, for which it gets another bound cookie
package dbsc

import (
	"errors"
	"net/http"
	"time"

	"stagedoor/state"
)

// Where browsers register their keys, and below which they refresh: the rest is the name of
// the session, see [Binder.RefreshPath].
const (
	RegisterPath = "/_stagedoor/dbsc/register"
	RefreshPath  = "/_stagedoor/dbsc/refresh/"
)

// The cookies. They are of this host alone, whatever domain that of the session has: what other
// hosts get to see of a session is worth nothing here.
const (
	// BoundCookie is what a bound session needs besides its token. It lives for minutes.
	BoundCookie = "__Host-stagedoor_bound"
	// DeviceCookie names the browser, and says whether it was there when the session began.
	DeviceCookie = "__Host-stagedoor_device"
)

// OfferAge is how long a browser may take to register a key.
const OfferAge = 5 * time.Minute

// hashLen is the length of a session's hash, which is that of its token, in bytes.
const hashLen = 32

// The faults of what browsers post.
var (
	// ErrOffer says that a registration answers no offer of this server, or one that is too old.
	ErrOffer = errors.New("no offer of this server, or one that is too old")
	// ErrChallenge says that something else was signed than what a refresh has to sign now.
	ErrChallenge = errors.New("not the present challenge")
	// ErrProof says that what was posted is no proof, or one by another key.
	ErrProof = errors.New("no proof by the key")
)

// Binder makes and judges what binds browsers. It is safe for concurrent use.
type Binder struct {
	// Keys authenticate what is handed out.
	Keys *state.Keyring
	// Age is how long a bound cookie lives.
	Age time.Duration
	// SameSite is that of the session's cookie: bound cookies go wherever it goes.
	SameSite http.SameSite
	// Initiators are the hosts, besides this one, whose pages may lead to a request that waits for a
	// bound cookie.
	Initiators []string
}
