package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// maxLogout bounds what a provider says of a sign-out, in bytes.
const maxLogout = 64 << 10

// elsewhere says where people who sign out are to sign out, too.
type elsewhere struct {
	state.ProviderSessions
	stages *stages.Env
}

// SignOutURL is where a browser ends a session at a provider, "" for nowhere.
func (e elsewhere) SignOutURL(ctx context.Context, there state.ProviderSession) (string, error) {
	return e.stages.SignOutURL(ctx, there)
}

// backchannel takes what providers say of sign-outs there (OpenID Connect Back-Channel Logout,
// sections 2.5 to 2.8). It is no route of a contract: providers ask it, and what they post is
// its own proof.
type backchannel struct {
	*Server
	stages *stages.Env
}

func (s *Server) newBackchannel(env *stages.Env) http.Handler { return backchannel{s, env} }

// ServeHTTP answers 200 where nobody of whom the provider speaks is signed in any more by its session
// that has ended, 400 to what is no good, 503 where that cannot be found out now.
func (b backchannel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire.SetAPIHeaders(w.Header())
	if r.Method != http.MethodPost {
		headless.WriteProblem(w, r, wire.MethodNotAllowed(http.MethodPost))
		return
	}
	id := r.PathValue("provider")
	r.Body = http.MaxBytesReader(w, r.Body, maxLogout)
	if err := r.ParseForm(); err != nil || len(r.PostForm["logout_token"]) != 1 {
		b.refuse(w, r, id, errors.New("the body is no form with one logout_token"))
		return
	}
	ended, err := b.end(r.Context(), id, r.PostForm.Get("logout_token"))
	switch {
	case errors.Is(err, stages.ErrNoBackchannel):
		headless.WriteProblem(w, r, wire.NotFound())
	case errors.Is(err, stages.ErrLogoutToken), errors.Is(err, state.ErrSpent):
		b.refuse(w, r, id, err)
	case err != nil:
		headless.WriteProblem(w, r, wire.Refused(b.options.Log, r, r.URL.Path, err))
	default:
		b.options.Log.InfoContext(r.Context(), "signed out at the provider", slog.String("provider", id), slog.Int("accounts", len(ended)))
		w.WriteHeader(http.StatusOK)
	}
}

// end ends what a provider's word means, in the database and in the records of all servers.
func (b backchannel) end(ctx context.Context, id, token string) ([]state.AccountID, error) {
	word, err := b.stages.VerifyLogout(ctx, id, token)
	if err != nil {
		return nil, err
	}
	ended, err := b.database.EndProviderSessions(ctx, word)
	if err != nil {
		return nil, err
	}
	for _, account := range ended {
		b.events.queueUp(Event{Kind: SignedOut, At: word.Now, Account: account, Provider: id})
		// What fails here is done in the background: the sessions are over in the database.
		if err := b.changes.pass(ctx, account); err != nil {
			b.options.Log.WarnContext(ctx, "passing on a sign-out failed; it is tried again", slog.String("error", err.Error()))
		}
	}
	return ended, nil
}

// refuse answers 400, and has the log say why. The provider learns no more than that.
func (b backchannel) refuse(w http.ResponseWriter, r *http.Request, id string, why error) {
	b.options.Log.WarnContext(r.Context(), "a provider's word of a sign-out is refused", slog.String("provider", id), slog.String("error", why.Error()))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
}
