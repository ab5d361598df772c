package stand

import (
	"context"
	"crypto/sha256"
	_ "embed" // for the profile of recorded stories
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.yaml.in/yaml/v3"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/notify"
	"stagedoor/transport/server"
)

// recorded is the profile of stories that were recorded. Where no folder has it, it is
// this one.
const recorded = "recorded"

//go:embed recorded.yaml
var recordedProfile []byte

// patience is how long a play waits for what should come at once.
const patience = 20 * time.Second

// Config says what the servers of a stand are made of. The zero value is enough for
// stories that have a folder of profiles above them.
type Config struct {
	// Profiles is the folder with the configurations that stories name, NAME.yaml. Where
	// it is empty it is looked for beside the folders that a story is in: a folder
	// profiles, then in testdata/profiles below the working directory.
	Profiles string
	// Change, if not nil, has the last word on each server: a program puts its own stages
	// and senders in. What a stand sets itself (clock, randomness, stores) is in place by
	// then and should stay; where it puts no senders in, stories read what is sent.
	Change func(*config.Config, *server.Options)
}

// start is where the clock of every story stands when it begins.
func start() time.Time { return time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC) }

// New makes a target that starts a server of its own in this process for every play: with a
// clock that only the story moves, randomness that is the same each time, and passwords
// that cost nothing to hash.
func New(c Config) player.Target {
	return func(ctx context.Context, s *player.Story, client string) (*player.World, error) {
		dir, err := os.MkdirTemp(memory(), "stagedoor-replay-")
		if err != nil {
			return nil, err
		}
		b := &build{Config: c, story: s, dir: dir, seed: sha256.Sum256([]byte(s.Name + "\x00" + client))}
		world, err := b.world(ctx)
		if err != nil {
			return nil, errors.Join(err, b.close())
		}
		return world, nil
	}
}

// memory is a folder whose files are in memory, where the system has one: nothing of a
// play outlives it, so nothing needs to reach a disk.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// build is one server in the making, and what it stands on.
type build struct {
	Config
	story *player.Story
	dir   string
	seed  [32]byte

	clock  *clock
	turns  *turns
	inbox  *device.Inbox
	redis  *miniredis.Miniredis
	server *server.Server
}

// close ends the server, and takes away what it stood on.
func (b *build) close() error {
	var errs []error
	if b.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		errs = append(errs, b.server.Close(ctx))
	}
	if b.redis != nil {
		b.redis.Close()
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// world starts the server.
func (b *build) world(ctx context.Context) (*player.World, error) {
	cfg, err := b.config()
	if err != nil {
		return nil, err
	}
	b.turns, b.inbox, b.redis = &turns{}, &device.Inbox{}, miniredis.NewMiniRedis()
	if err := b.redis.Start(); err != nil {
		return nil, fmt.Errorf("start a redis: %w", err)
	}
	b.clock = &clock{now: start(), redis: b.redis}
	b.redis.SetTime(start())
	cfg.Redis = config.Redis{URL: config.Secret("redis://" + b.redis.Addr()), KeyPrefix: "replay:"}
	provider, err := b.provider(&cfg)
	if err != nil {
		return nil, err
	}
	options := server.Options{
		Log: slog.New(slog.DiscardHandler), Now: b.clock.read, Rand: &random{from: rand.NewChaCha8(b.seed)},
		HTTP: inside{provider}, Observe: b.turns.observe,
	}
	if b.Change != nil {
		b.Change(&cfg, &options)
	}
	if err := b.collectMail(&cfg, &options); err != nil {
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	if b.server, err = server.Open(ctx, cfg, options); err != nil {
		return nil, err
	}
	return b.surround(&cfg, provider), nil
}

// surround is the server with what surrounds it.
func (b *build) surround(cfg *config.Config, provider *device.Provider) *player.World {
	prints := map[string]string{}
	for _, f := range b.server.Flows().All() {
		prints[string(f.Graph.Flow)] = f.Fingerprint
	}
	return &player.World{
		Base: cfg.Origin(), Mount: cfg.Headless.Mount, Origin: cfg.WebAuthnOrigins()[0],
		HTTP: &front{handler: b.server, idle: b.waitIdle, clock: b.clock}, Now: b.clock.read, Pass: b.clock.pass,
		Messages: func(_ context.Context, to string, _ int) ([]device.Message, error) { return b.inbox.Take(to), nil },
		Provider: provider, Add: b.add, Turns: b.turns.take, Prints: prints, Seed: sha256.Sum256(b.seed[:]), Close: b.close,
	}
}

// waitIdle waits until all that requests have set going is done.
func (b *build) waitIdle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return b.server.WaitIdle(ctx)
}

// collectMail puts what the server sends into the inbox, in its own words and the program's,
// unless the program has senders of its own.
func (b *build) collectMail(c *config.Config, o *server.Options) error {
	words, err := notify.NewTemplates(notify.Site{Name: c.Issuer(), URL: c.Origin(), SubjectPrefix: c.Account.EmailSubjectPrefix}, o.Templates...)
	if err != nil {
		return err
	}
	sender := device.NewSender(b.inbox, words)
	if o.Mail == nil {
		o.Mail = sender
	}
	if o.SMS == nil {
		o.SMS = sender
	}
	return nil
}

// provider is the one OpenID provider of the configuration, or one that nobody asks.
func (b *build) provider(c *config.Config) (*device.Provider, error) {
	p := device.ProviderConfig{
		Issuer: "http://provider.example", Now: b.clock.read, Entropy: &random{from: rand.NewChaCha8(sha256.Sum256([]byte("provider")))},
	}
	for _, one := range c.SocialAccount.Providers {
		if one.Provider == "openid_connect" {
			p.Issuer, p.ClientID, p.ClientSecret = one.ServerURL, one.ClientID, one.Secret.Reveal()
			break
		}
	}
	return device.NewProvider(p)
}

// add makes an account before the story begins.
func (b *build) add(ctx context.Context, a player.Account) (player.Created, error) {
	return Add(ctx, b.server, a)
}

// config is the configuration of the story: its profile, what it would have otherwise,
// and what a stand needs.
func (b *build) config() (config.Config, error) {
	profile, err := b.profile()
	if err != nil {
		return config.Config{}, err
	}
	if len(b.story.Config) > 0 {
		text, err := yaml.Marshal(with(b.story.Config, "extends", profile))
		if err != nil {
			return config.Config{}, err
		}
		profile = filepath.Join(b.dir, "story.yaml")
		if err := os.WriteFile(profile, text, 0o600); err != nil {
			return config.Config{}, err
		}
	}
	c, err := config.Load(profile, nil)
	if err != nil {
		return c, fmt.Errorf("profile %s with the story's config: %w", b.story.Profile, err)
	}
	c.DataDir, c.Database.URL, c.Database.MaxConnections = filepath.Join(b.dir, "data"), "", 0
	if err := fillFolder(c.DataDir); err != nil {
		return c, err
	}
	c.Mail.Supplied = true
	c.Hashing = config.Hashing{MemoryKiB: 1024, Time: 1, Parallelism: 1, Queue: 128}
	return c, nil
}

func with(m map[string]any, key string, value any) map[string]any {
	out := map[string]any{key: value}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// profile finds the file of the story's profile.
func (b *build) profile() (string, error) {
	name := b.story.Profile + ".yaml"
	var looked []string
	folders := []string{b.Profiles}
	if b.Profiles == "" {
		folders = nil
		file, err := filepath.Abs(b.story.File)
		if err != nil {
			return "", err
		}
		for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
			folders = append(folders, filepath.Join(dir, "profiles"))
			if dir == filepath.Dir(dir) {
				break
			}
		}
		folders = append(folders, filepath.Join("testdata", "profiles"))
	}
	for _, folder := range folders {
		path, err := filepath.Abs(filepath.Join(folder, name))
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		looked = append(looked, folder)
	}
	if b.story.Profile == recorded {
		path := filepath.Join(b.dir, name)
		return path, os.WriteFile(path, recordedProfile, 0o600)
	}
	return "", fmt.Errorf("profile %s: there is no %s in %s; name the folder with --profiles", b.story.Profile, name, looked[len(looked)-1])
}
