package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"

	"stagedoor/engine/explain"
	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/operate"
)

// What an [Explainer] and an [Operator] say besides errors of the database.
var (
	// ErrNoTrails says that the configuration keeps no trails.
	ErrNoTrails = operate.ErrNoTrails
	// ErrNoRun says that no trail of such a run is kept.
	ErrNoRun = operate.ErrNoRun
	// ErrNobody says that there is no such account.
	ErrNobody = operate.ErrNobody
	// ErrNoFactors says that an account has nothing that could be removed.
	ErrNoFactors = operate.ErrNoFactors
)

// Explainer says why runs went where they went: from the trails in a database, by the
// flows of a configuration.
type Explainer struct {
	inner *operate.Explainer
	close func() error
}

// OpenExplainer opens the database that a configuration names, to explain what servers
// have kept in it. It makes no database where there is none. Of the options Log, Now,
// Extend and Change count. Close ends it.
func OpenExplainer(ctx context.Context, c config.Config, o Options) (*Explainer, error) {
	o.setDefaults()
	if c.Trails.KeepDays == 0 {
		return nil, ErrNoTrails
	}
	keys, err := throwawayKeys()
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, options: o}
	env, err := s.env(keys)
	if err != nil {
		return nil, err
	}
	flows, err := s.compile(env)
	if err != nil {
		return nil, err
	}
	database, err := existingDatabase(ctx, c, keys, o.Log)
	if err != nil {
		return nil, err
	}
	inner := operate.NewExplainer(operate.Sources{Flows: flows, Trails: database, Accounts: database, Now: o.Now})
	return &Explainer{inner: inner, close: database.Close}, nil
}

// Explainer explains what this server has kept. It is nil where it keeps no trails.
func (s *Server) Explainer() *Explainer {
	if s.trails == nil {
		return nil
	}
	return &Explainer{inner: operate.NewExplainer(operate.Sources{
		Flows: s.flows, Trails: s.database, Accounts: s.database, Now: s.options.Now, Flush: s.trails.Flush,
	})}
}

// Close closes what OpenExplainer opened.
func (x *Explainer) Close() error {
	if x.close == nil {
		return nil
	}
	return x.close()
}

// Run explains one run, or fails with [ErrNoRun].
func (x *Explainer) Run(ctx context.Context, id string) (explain.Explanation, error) {
	return x.inner.Run(ctx, id)
}

// User explains at most limit runs of an account, the latest first. The account is named
// by its id, an address, a number (+ and digits) or its username. It fails with
// [ErrNobody] where there is none; an account without runs has none to explain.
func (x *Explainer) User(ctx context.Context, who string, limit int) ([]explain.Explanation, error) {
	return x.inner.User(ctx, who, limit)
}

// Latest explains at most limit runs of anybody, the latest first.
func (x *Explainer) Latest(ctx context.Context, limit int) ([]explain.Explanation, error) {
	return x.inner.Latest(ctx, limit)
}

// Operator changes accounts past every flow, in the database that servers work with: what
// somebody does for a person who has lost a phone, or to one who must be kept out. The
// servers learn of it as they learn of each other's changes.
type Operator struct {
	inner    *operate.Operator
	database *stores.SQL
}

// OpenOperator opens the database that a configuration names. It makes none where there
// is none. Of the options Log and Now count. Close ends it.
func OpenOperator(ctx context.Context, c config.Config, o Options) (*Operator, error) {
	o.setDefaults()
	keys, err := throwawayKeys()
	if err != nil {
		return nil, err
	}
	database, err := existingDatabase(ctx, c, keys, o.Log)
	if err != nil {
		return nil, err
	}
	return &Operator{inner: operate.NewOperator(database, o.Now), database: database}, nil
}

// Close closes the database.
func (p *Operator) Close() error { return p.database.Close() }

// SetActive enables an account, or disables it: then it cannot sign in, its sessions end
// and so do sign-ins under way. Like all methods it takes whatever names an account (its
// id, an address, a number (+ and digits) or its username), fails with [ErrNobody] where
// there is none, and returns what to call it.
func (p *Operator) SetActive(ctx context.Context, who string, active bool) (string, error) {
	return p.inner.SetActive(ctx, who, active)
}

// SignOut ends every session of an account, and sign-ins under way.
func (p *Operator) SignOut(ctx context.Context, who string) (string, error) {
	return p.inner.SignOut(ctx, who)
}

// RemoveFactors takes all authenticators from an account, and ends its sessions and
// sign-ins under way: a lost phone may have been used. The person signs in with what is
// left, and sets up a new second factor. It fails with [ErrNoFactors] where there are none.
func (p *Operator) RemoveFactors(ctx context.Context, who string) (string, error) {
	return p.inner.RemoveFactors(ctx, who)
}

// Show prints what is known of an account, without anything that signs in.
func (p *Operator) Show(ctx context.Context, who string, out io.Writer) error {
	return p.inner.Show(ctx, who, out)
}

// withAdmin puts the operators' endpoint before a handler. Without a token there is none.
func (s *Server) withAdmin(next http.Handler) http.Handler {
	c := s.config.Admin
	if c.Token == "" {
		return next
	}
	a := operate.AdminConfig{
		Mount: c.Mount, Token: c.Token.Reveal(), Stories: operate.Stories{Recorder: s.recorder}, Limits: s.records,
		Inspector: s.inspector, ShowPage: c.Inspector,
		Network: network(s.config), Now: s.options.Now,
	}
	if x := s.Explainer(); x != nil {
		a.Explainer = x.inner
	}
	return operate.NewAdmin(a, next)
}

// throwawayKeys are for a database that is opened without reading what is sealed in it, and
// without signing anything.
func throwawayKeys() (*state.Keyring, error) {
	var secret [state.MinSecret]byte
	if _, err := io.ReadFull(rand.Reader, secret[:]); err != nil {
		return nil, err
	}
	return state.NewKeyring(rand.Reader, secret[:])
}

// existingDatabase opens the database, and makes none where there is none.
func existingDatabase(ctx context.Context, c config.Config, keys *state.Keyring, log *slog.Logger) (*stores.SQL, error) {
	if c.Database.URL == "" {
		if _, err := os.Stat(sqliteFile(c)); err != nil {
			return nil, fmt.Errorf("no database at %s; a server makes it when it starts, and --config names its configuration", sqliteFile(c))
		}
	}
	return openDatabase(ctx, c, keys, log)
}
