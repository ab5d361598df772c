package server

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// deviceBound is how browsers bind their sessions to keys of their devices. Pages of providers lead
// back here, so that browsers wait for the cookie then as well.
func deviceBound(c config.Config, keys *state.Keyring, providers []state.Provider) *contract.DeviceBound {
	initiators := c.RefreshInitiators()
	for _, p := range providers {
		if u, err := url.Parse(p.OpenID); err == nil && u.Hostname() != "" && !slices.Contains(initiators, u.Hostname()) {
			initiators = append(initiators, u.Hostname())
		}
	}
	return &contract.DeviceBound{
		Binder: &dbsc.Binder{
			Keys: keys, Age: c.Session.DeviceBoundAge.Duration(), SameSite: sameSite(c.Session.CookieSameSite), Initiators: initiators,
		},
		Grace: c.Session.DeviceBoundGrace.Duration(), Required: c.BindingRequired(), ClearSiteData: c.ClearSiteData(),
	}
}

// keyed answers what browsers ask by themselves: to register the key of a session, and to refresh its
// bound cookie (Device Bound Session Credentials, W3C). It is no route of a contract: no page asks it,
// and what is signed is its own proof, so that no token against forgery is looked for. Whatever says no
// must say so with care: to most answers browsers end the session in silence.
type keyed struct {
	*Server
	base contract.Base
}

// keyedRoutes are those, where browsers bind.
func (s *Server) keyedRoutes(handle func(string, http.Handler)) {
	if s.keyed != nil {
		handle(dbsc.RegisterPath, s.keyed)
		handle(dbsc.RefreshPath, s.keyed)
	}
}

// ServeHTTP answers a registration or a refresh.
func (k keyed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.SetAPIHeaders(w.Header())
	if r.Method != http.MethodPost {
		headless.WriteProblem(w, r, wire.MethodNotAllowed(http.MethodPost))
		return
	}
	c := k.base.NewCall(r, token.Browser)
	if r.URL.Path == dbsc.RegisterPath {
		k.register(w, r, &c)
		return
	}
	k.refresh(w, r, &c)
}

// register answers 200 with what the browser is to do, 400 to what answers no offer, 409 where the
// session is bound already. A browser keeps what it has after any of these.
func (k keyed) register(w http.ResponseWriter, r *http.Request, c *contract.Call) {
	told, err := c.RegisterKey(r.Context(), w.Header())
	switch {
	case errors.Is(err, dbsc.ErrOffer), errors.Is(err, dbsc.ErrProof):
		k.note(r, "a browser's key is refused", err)
		headless.WriteProblem(w, r, &wire.Problem{Status: http.StatusBadRequest, Code: wire.CodeInvalid, Cause: err})
	case errors.Is(err, contract.ErrBound), errors.Is(err, contract.ErrOver):
		k.note(r, "a browser's key is refused", err)
		headless.WriteProblem(w, r, wire.Conflict())
	case err != nil:
		headless.WriteProblem(w, r, wire.Refused(k.options.Log, r, dbsc.RegisterPath, err))
	default:
		tell(w, told)
	}
}

// refresh answers 200 with the cookie, 403 with what is to be signed, 503 where the stores cannot
// be asked, and 200 without a cookie where the session is over.
func (k keyed) refresh(w http.ResponseWriter, r *http.Request, c *contract.Call) {
	got, err := c.RefreshKey(r.Context(), w.Header())
	switch {
	case errors.Is(err, contract.ErrOver):
		if got.Instructions.ID == "" {
			got.Instructions = dbsc.EndNamed(r.Header.Get(dbsc.SessionHeader))
		}
		if r.Header.Get(dbsc.SessionHeader) != "" { // which no page of another site can send
			http.SetCookie(w, c.DeviceBound.Unbound())
		}
		tell(w, got.Instructions)
	case err != nil:
		headless.WriteProblem(w, r, wire.Refused(k.options.Log, r, dbsc.RefreshPath, err))
	case got.Challenged:
		if got.Why != nil {
			k.note(r, "a browser's proof is refused", got.Why)
		}
		w.WriteHeader(http.StatusForbidden)
	default:
		tell(w, got.Instructions)
	}
}

func (k keyed) note(r *http.Request, what string, why error) {
	k.options.Log.InfoContext(r.Context(), what, slog.String("request_id", wire.RequestID(r.Context())), slog.String("error", why.Error()))
}

func tell(w http.ResponseWriter, told dbsc.Instructions) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told)
}
