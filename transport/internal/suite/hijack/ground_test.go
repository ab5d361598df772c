package hijack

import (
	"context"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

// battlefield is a configuration that the two parties meet on.
type battlefield struct {
	name, profile string
	change        func(c *config.Config)
}

func battlefields() []battlefield {
	codes := func(c *config.Config) { c.Account.LoginByCodeEnabled = true }
	return []battlefield{
		{"default", "default", codes},
		{"codes", "codes", func(c *config.Config) {}},
		{"phone", "phone", func(c *config.Config) {}},
		{"username", "username", codes},
		{"jwt", "jwt", codes},
		{"email_authentication", "default", func(c *config.Config) {
			codes(c)
			c.SocialAccount.EmailAuthentication = true
		}},
		{"optional", "default", func(c *config.Config) {
			codes(c)
			c.Account.EmailVerification = "optional"
			c.MFA.AllowUnverifiedEmail = true
		}},
	}
}

// gamesOfAServer is how many plays share a server: what earlier ones have left makes it
// slower.
const gamesOfAServer = 20

// ground is a server in this process on which games are played, one after the other, and
// the stores it stands on.
type ground struct {
	battlefield
	guard   func(server.Stores) server.Stores
	world   *player.World
	stores  server.Stores
	config  config.Config
	entropy io.Reader
	// created are accounts that nobody has looked at yet.
	created []state.AccountID
	// games and requests count what was played.
	games, requests int
}

// registrar notes which accounts are made.
type registrar struct {
	state.Ledger
	made *[]state.AccountID
}

// Commit stores a batch.
func (r registrar) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	receipt, err := r.Ledger.Commit(ctx, b)
	creates := func(w state.Write) bool { _, is := w.(state.CreateAccount); return is }
	if err == nil && slices.ContainsFunc(b.Writes, creates) && !slices.Contains(*r.made, b.Account) {
		*r.made = append(*r.made, b.Account)
	}
	return receipt, err
}

// newGround starts a server; guard has the last word on its stores.
func newGround(t testing.TB, f battlefield, guard func(server.Stores) server.Stores) *ground {
	w := &ground{battlefield: f, guard: guard, entropy: rand.NewChaCha8([32]byte{7})}
	w.start(t)
	t.Cleanup(func() { w.end(t) })
	return w
}

func (w *ground) start(t testing.TB) {
	t.Helper()
	target := stand.New(stand.Config{Profiles: filepath.Join("..", "..", "..", "..", "testdata", "profiles"), Change: func(c *config.Config, o *server.Options) {
		w.change(c)
		// A stranger may change what he likes in his session, the harder for the owner.
		c.MFA.ReauthenticationRequired = false
		c.Trails.KeepDays = 0
		w.config = *c
		o.Stores = func(ctx context.Context, keys *state.Keyring) (server.Stores, error) {
			s, err := stores.OpenSQL(ctx, stores.SQLConfig{URL: "sqlite:" + filepath.Join(c.DataDir, "stagedoor.sqlite3"), Seal: keys, TrailsKeep: -1})
			if err != nil {
				return server.Stores{}, err
			}
			w.stores = w.guard(server.Stores{
				Accounts: s, Sessions: s, Ledger: registrar{s, &w.created}, Outbox: s, Changes: s, Refreshes: s, Trails: s, Upkeep: s,
			})
			return w.stores, nil
		}
	}})
	var err error
	if w.world, err = target(t.Context(), &player.Story{Name: "hijack", Profile: w.profile}, "app"); err != nil {
		t.Fatal(err)
	}
}

func (w *ground) end(t testing.TB) {
	if w.world == nil {
		return
	}
	if err := w.world.Close(); err != nil {
		t.Error(err)
	}
	w.world = nil
}

// play begins a game and makes moves in it.
func (w *ground) play(t testing.TB, moves []*move) *game {
	if w.games%gamesOfAServer == gamesOfAServer-1 {
		w.end(t)
		w.start(t)
	}
	g := w.newGame(t)
	for _, m := range moves {
		g.make(m)
	}
	return g
}
