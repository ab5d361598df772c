package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/disownpage"
	"stagedoor/transport/internal/dpop"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/inspector"
	"stagedoor/transport/internal/pages"
	"stagedoor/transport/internal/record"
	"stagedoor/transport/internal/rest"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/trails"
	"stagedoor/transport/internal/wire"
	"stagedoor/transport/notify"
)

// idle is how long the record of a client without a session lives after its last write.
const idle = time.Hour

// Options are what a program hands to its server besides the configuration. The zero
// value is a server by itself.
type Options struct {
	// Log is where the server writes; slog.Default() if nil.
	Log *slog.Logger
	// Now is the clock and Rand the source of randomness; the system's if nil.
	Now  func() time.Time
	Rand io.Reader
	// Mail and SMS, if not nil, carry messages instead of what the configuration names.
	// They may have words for other templates than there are.
	Mail notify.Sender
	SMS  notify.Sender
	// Templates are the words of messages of the program's own stages. A turn that sends a
	// message without words, or by a channel that there is not, fails and stores nothing.
	Templates []notify.Template
	// Extend, if not nil, returns the stages and flows that the program adds, made of the
	// parts it is given. Whatever they add is proved together with the rest. Where configurations
	// are compared ([Diff], and the inspector of this server) it is called for each anew, with
	// parts that reach no store, for flows that are thrown away.
	Extend func(Parts) []engine.Extension
	// Providers are kinds of provider that the program adds: socialaccount.providers of the
	// configuration names them by their ids like those that are shipped.
	Providers []stages.ProviderKind
	// Change, if not nil, is given the whole set before it is checked and compiled, for
	// what no extension does: to take a stage out, or to put other behaviour behind one.
	Change func(*engine.Set) error
	// Stores, if not nil, opens what accounts and sessions are kept in instead of the
	// database that the configuration names. The keys seal what must not be read there.
	Stores func(ctx context.Context, keys *state.Keyring) (Stores, error)
	// Events, if not nil, is called with what has happened, once it is stored and, for a turn
	// of a run, only if the turn was not lost to another: see [Event].
	//
	// It is called beside the requests, by one goroutine, in order, so that a hook that is
	// slow or panics holds up no answer. Where 1024 events wait for it, further ones
	// are lost, and the log says so; [Server.Close] waits for those that are left. What must
	// never be lost is in the database: read it there, or implement [state.Ledger].
	Events func(context.Context, Event)
	// Observe, if not nil, is called with every turn once it is over and before it is
	// answered. A panic of it is logged and changes nothing.
	Observe func(context.Context, engine.TurnEvent)
	// HTTP, if not nil, carries what is asked of providers instead of the network.
	HTTP http.RoundTripper
	// RedisHooks see every command to the store of records.
	RedisHooks []redis.Hook
}

// Server is a whole server, open until [Server.Close]: an [http.Handler] of both contracts,
// and what a program asks of it. It is safe for concurrent use.
type Server struct {
	config   config.Config
	options  Options
	flows    *engine.Flows
	database Stores
	records  *stores.Redis
	mailbox  *deliver.Mailbox
	dispatch *deliver.Dispatcher
	changes  *changes
	// recorder makes stories of requests, nil where nothing is recorded.
	recorder *record.Recorder
	// trails keeps trails, nil where none are kept.
	trails *trails.Keeper
	// ready finds out whether the stores do what turns ask of them, clocks whether theirs agree.
	ready  *readiness
	clocks *clocks
	// events hands the program what happens, nil where it has no hook.
	events *events
	drain  *wire.Drain
	jwt    *token.JWT
	// proofs judges how apps show their keys, nil where none binds its session.
	proofs    *dpop.Verifier
	contracts contracts
	cors      *wire.CORS
	refusals  *wire.Refusals
	// headless and rest answer a contract each, and guard the program's own routes.
	headless *headless.API
	rest     *rest.API
	// backchannel takes what providers say of sign-outs there, nil where none may.
	backchannel http.Handler
	// keyed registers the keys of browsers, nil where they bind no sessions.
	keyed http.Handler
	// mounts are the patterns that the server answers.
	mounts []string
	// disown is the page for sign-ups with somebody else's address, pages are those of
	// serve.pages, devpage is that of a development server; nil where there are none.
	disown  *disownpage.Page
	theme   config.Theme
	pages   *pages.Page
	devpage *devpage.Page
	// clock is that of a development server, which can be put ahead; nil for any other.
	clock *devpage.Clock
	// bindings is what that server has seen of bound sessions; nil where none are bound.
	bindings *devpage.Bindings
	// systemClock says that the program has brought no clock.
	systemClock bool
	// inspector shows the runs to who may see them.
	inspector *inspector.Inspector

	stop context.CancelFunc
	done sync.WaitGroup
}

// Open makes a server: it validates the configuration, proves the flows and opens the
// stores, and refuses to start on any fault. Those of the configuration are a [config.Faults],
// as of [config.Config.Validate]; the program's senders count as supplied. Close ends it.
func Open(ctx context.Context, c config.Config, o Options) (*Server, error) {
	system := o.Now == nil
	o.setDefaults()
	if err := o.supply(&c).Validate(); err != nil {
		return nil, err
	}
	s := &Server{config: c, systemClock: system}
	if c.Dev.Enabled {
		s.clock = devpage.NewClock(o.Now)
		o.Now = s.clock.Now
		s.bindings = watched(c, &o)
	}
	s.options, s.events = o, newEvents(o.Events, o.Log)
	if err := s.build(ctx); err != nil {
		return nil, errors.Join(err, s.events.close(ctx), s.closeStores())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.run(background)
	return s, nil
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
}

// supply marks in the configuration what the program brings in its place.
func (o Options) supply(c *config.Config) *config.Config {
	c.Mail.Supplied = c.Mail.Supplied || o.Mail != nil
	c.SMS.Supplied = c.SMS.Supplied || o.SMS != nil
	if o.Providers != nil {
		c.SocialAccount.Kinds = o.Providers
	}
	return c
}

// build puts the parts together.
func (s *Server) build(ctx context.Context) error {
	var err error
	if s.theme, err = theme(s.config); err != nil {
		return err
	}
	keys, err := keyring(s.config, s.options.Rand)
	if err != nil {
		return err
	}
	env, err := s.env(keys)
	if err != nil {
		return err
	}
	// The flows are proved before anything is opened: nothing is left behind by a server
	// that does not start.
	if s.flows, err = s.compile(env); err != nil {
		return err
	}
	if err = s.openStores(ctx, keys); err != nil {
		return err
	}
	if s.records, err = openRecords(ctx, s.config, s.options); err != nil {
		return err
	}
	s.ready, s.clocks = s.newReadiness(), s.newClocks()
	s.clocks.compare(ctx)
	env.Accounts = s.database
	carriers, err := newSenders(s.config, s.options)
	if err != nil {
		return err
	}
	s.mailbox = carriers.mailbox
	s.database.Ledger = s.options.checked(s.database.Ledger, carriers.templates)
	s.dispatch, err = deliver.New(deliver.Config{
		Outbox: s.database, Mail: carriers.mail, SMS: carriers.sms, Now: s.options.Now, Logger: s.options.Log, MaxAge: carriers.templates.MaxAge,
	})
	if err != nil {
		return err
	}
	if s.config.Trails.KeepDays > 0 {
		s.trails = trails.New(s.database, s.flows, s.options.Log)
	}
	if s.recorder, err = s.newRecorder(); err != nil {
		return err
	}
	s.changes = &changes{source: s.database, records: s.records, now: s.options.Now, log: s.options.Log, kick: make(chan struct{}, 1)}
	return s.serve(env, keys)
}

// env is what stages work with; the database is put in once it is open.
func (s *Server) env(keys *state.Keyring) (*stages.Env, error) {
	h := s.config.Hashing
	hasher, err := accounts.NewHasher(accounts.HashConfig{
		MemoryKiB: uint32(h.MemoryKiB), Time: uint32(h.Time), Threads: uint8(h.Parallelism), Slots: h.Slots, Queue: h.Queue, Rand: s.options.Rand,
	})
	if err != nil {
		return nil, fmt.Errorf("password_hashing: %w", err)
	}
	policy, err := accounts.NewPolicy(s.config.Account.PasswordMinLength)
	if err != nil {
		return nil, fmt.Errorf("account.password_min_length: %w", err)
	}
	mfa, err := accounts.NewMFA(mfaConfig(s.config), keys)
	if err != nil {
		return nil, fmt.Errorf("mfa: %w", err)
	}
	if err := stages.CheckProviderKinds(s.config.SocialAccount.Kinds); err != nil {
		return nil, err
	}
	env := &stages.Env{
		Settings: stageSettings(s.config), Hasher: hasher, Policy: policy, Keys: keys, MFA: mfa, Now: s.options.Now, Once: s.once,
		SessionKey: sessionKeys(keys),
		HTTP:       &http.Client{Timeout: s.config.SocialAccount.RequestsTimeout.Duration(), Transport: s.options.HTTP},
	}
	if err := setRelyingParty(env, s.config); err != nil {
		return nil, fmt.Errorf("mfa.webauthn: %w", err)
	}
	if err := env.SetProviders(providers(s.config), s.config.Dev.Enabled); err != nil {
		return nil, fmt.Errorf("socialaccount.providers: %w", err)
	}
	return env, nil
}

// set is the flows of the settings with their behaviour, together with what the program
// adds.
func (s *Server) set(env *stages.Env) (engine.Set, error) {
	set := flows.Bind(flows.All(env.Settings), env.Handlers())
	if extend := s.options.Extend; extend != nil {
		if err := set.Extend(extend(s.parts(env))...); err != nil {
			return engine.Set{}, fmt.Errorf("the flows cannot be extended:\n%w", err)
		}
	}
	if change := s.options.Change; change != nil {
		if err := change(&set); err != nil {
			return engine.Set{}, err
		}
	}
	return set, nil
}

// compile proves the set and makes it ready to be walked.
func (s *Server) compile(env *stages.Env) (*engine.Flows, error) {
	set, err := s.set(env)
	if err != nil {
		return nil, err
	}
	compiled, err := engine.Compile(set)
	if err != nil {
		return nil, fmt.Errorf("the flows do not hold:\n%w", err)
	}
	return compiled, nil
}

// serve makes the handler.
func (s *Server) serve(env *stages.Env, keys *state.Keyring) error {
	c, tokens := s.config, token.New(keys)
	eng, err := engine.New(engine.Config{
		Flows: s.flows, Store: s.records, Loader: env, Mint: tokens.Mint, Idle: idle, Observe: s.observe,
		Ledger: stages.NewLedger(s.database, c.Session.CookieAge.Duration(), sessionAges(c), c.BindWithin()),
	})
	if err != nil {
		return err
	}
	csrf, err := s.foreign()
	if err != nil {
		return err
	}
	if s.jwt, err = s.newJWT(keys); err != nil {
		return err
	}
	if s.proofs, err = newProofs(s.config, keys); err != nil {
		return err
	}
	s.contracts = s.newContracts(env, tokens, keys, csrf)
	base := s.base(env, eng)
	if s.rest, err = rest.New(rest.Config{Base: base, RedirectURIs: c.Rest.RedirectURIs}); err != nil {
		return err
	}
	if s.headless, err = s.newHeadless(env, base); err != nil {
		return err
	}
	if base.DeviceBound != nil {
		s.keyed = keyed{s, base}
	}
	if env.TakesSignOuts() {
		s.backchannel = s.newBackchannel(env)
	}
	if s.disown, err = s.newDisownPage(base); err != nil {
		return fmt.Errorf("page to disown an account: %w", err)
	}
	s.inspector = s.newInspector()
	if c.Dev.Enabled {
		if s.devpage, err = s.newDevPage(); err != nil {
			return fmt.Errorf("development page: %w", err)
		}
	}
	if c.ServesPages() {
		if s.pages, err = s.newPages(); err != nil {
			return err
		}
	}
	front := wire.Front{
		Log: s.options.Log, Now: s.options.Now, Rand: s.options.Rand, Network: network(c), Problem: writeProblem,
	}
	s.drain = wire.NewDrain(front.Handler(s.withAdmin(s.recorded(s.cors.Handler(s.mux())))), writeProblem)
	return nil
}

// committed wakes up the background work that carries away what a request has stored.
func (s *Server) committed() {
	s.dispatch.Kick()
	s.changes.wake()
}

// ServeHTTP answers a request to anything that the server serves; see [Server.Mounts].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.drain.ServeHTTP(w, r) }

// Flows are the flows the server runs.
func (s *Server) Flows() *engine.Flows { return s.flows }
