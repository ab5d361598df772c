package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/transport/bench"
)

// peer is another server that runs already, of which the same is asked.
type peer struct {
	// name is allauth, kratos or hanko.
	name   string
	target bench.Target
	pids   []int
	// hash is what its password hash costs, which is taken off each login.
	hash time.Duration
}

// own is the name of what peers are compared with.
const own = "stagedoor"

// contracts are what peers speak.
func contracts() map[string]bench.Contract {
	return map[string]bench.Contract{"allauth": bench.Headless, "kratos": bench.Kratos, "hanko": bench.Hanko}
}

// readPeer reads NAME=URL,pid=1+2,mount=/_allauth,hash=1ms.
func readPeer(arg string) (peer, error) {
	const form = "want allauth, kratos or hanko as NAME=URL,pid=ID+ID, and perhaps mount=/_allauth and hash=1ms"
	name, rest, _ := strings.Cut(arg, "=")
	address, more, _ := strings.Cut(rest, ",")
	base, err := url.Parse(address)
	contract, known := contracts()[name]
	if err != nil || base.Host == "" || !known {
		return peer{}, fmt.Errorf("--peer %s: %s", arg, form)
	}
	p := peer{name: name, target: bench.Target{Base: base, Contract: contract}}
	if contract == bench.Headless {
		p.target.Mount = "/_allauth"
	}
	for part := range strings.SplitSeq(more, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "":
		case "pid":
			for text := range strings.SplitSeq(value, "+") {
				pid, err2 := strconv.Atoi(text)
				err = errors.Join(err, err2)
				p.pids = append(p.pids, pid)
			}
		case "mount":
			p.target.Mount = value
		case "hash":
			p.hash, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("%s is nothing", key)
		}
		if err != nil {
			return peer{}, fmt.Errorf("--peer %s: %w; %s", arg, err, form)
		}
	}
	if len(p.pids) == 0 {
		return peer{}, fmt.Errorf("--peer %s: no pid; %s", arg, form)
	}
	return p, nil
}

// peerRows are journeys on stagedoor and on servers of others.
func peerRows() []row {
	return []row{
		{"allauth-read", "a session read", "django-allauth", "≥ 30", journeyAgainst("allauth", "read")},
		{"kratos-read", "a session read", "Ory Kratos", "≥ 15", journeyAgainst("kratos", "read")},
		{"hanko-read", "a session read", "Hanko", "≥ 15", journeyAgainst("hanko", "read")},
		{"allauth-login", "a login, hash aside", "django-allauth", "", journeyAgainst("allauth", "login")},
		{"kratos-login", "a login, hash aside", "Ory Kratos", "", journeyAgainst("kratos", "login")},
		{"hanko-login", "a login, hash aside", "Hanko", "", journeyAgainst("hanko", "login")},
		{"allauth-login-totp", "a login with TOTP, hash aside", "django-allauth", "≥ 80", journeyAgainst("allauth", "login-totp")},
		{"kratos-login-totp", "a login with TOTP, hash aside", "Ory Kratos", "", journeyAgainst("kratos", "login-totp")},
		{"hanko-login-totp", "a login with TOTP, hash aside", "Hanko", "", journeyAgainst("hanko", "login-totp")},
	}
}

// named are the rows of the peers that are there.
func named(all []row, peers []peer) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool {
		return !slices.ContainsFunc(peers, func(p peer) bool { return strings.HasPrefix(r.key, p.name+"-") })
	})
}

// walkConnections is how many walk at once on each server.
const walkConnections = 8

// journeyAgainst compares a journey on a peer with the same on stagedoor, in turn.
func journeyAgainst(name, journey string) func(b *bed, o options) (figures, error) {
	return func(b *bed, o options) (figures, error) {
		at := slices.IndexFunc(o.peers, func(p peer) bool { return p.name == name })
		if at < 0 {
			return figures{}, fmt.Errorf("no server of it is named: --peer %s=URL,pid=ID", name)
		}
		other := o.peers[at]
		mineOf, err := b.own(journey)
		if err != nil {
			return figures{}, err
		}
		rounds := o.rounds
		if journey == "login-totp" {
			// Each round makes accounts of its own and waits for their codes.
			rounds = min(rounds, 2)
		}
		var ratios, mine, theirs []float64
		for i := range rounds {
			pair := [2]func(*bed, string, int) (time.Duration, error){mineOf, other.cost}
			var costs [2]time.Duration
			for k := range 2 {
				side := (i + k) % 2
				if costs[side], err = pair[side](b, journey, o.seconds); err != nil {
					return figures{}, fmt.Errorf("%s: %w", [2]string{own, other.name}[side], err)
				}
			}
			mine, theirs = append(mine, float64(costs[0])), append(theirs, float64(costs[1]))
			ratios = append(ratios, float64(costs[1])/float64(costs[0]))
		}
		r := bench.NewInterval(ratios)
		cells := []string{
			fmt.Sprintf("%.0f of %.0f", bench.Median(mine)/1e3, bench.Median(theirs)/1e3),
			fmt.Sprintf("%.0f [%.0f-%.0f]", r.Median, r.Low, r.High),
		}
		return figures{cells, r}, nil
	}
}

// cost is the time on processors that a journey takes of a server and its stores.
func (p peer) cost(b *bed, journey string, seconds int) (time.Duration, error) {
	l := bench.Load{Journey: journey, Connections: walkConnections, Duration: time.Duration(seconds) * time.Second}
	if journey == "login-totp" {
		l.Accounts = 20 * walkConnections
		if p.name == own {
			// It makes them in no time, and takes no time for the journeys.
			l.Accounts *= 5
		}
		l.Count, l.Duration = l.Accounts, 0
	}
	for _, pid := range p.pids {
		l.Processes = append(l.Processes, bench.Process{Name: p.name, PID: pid})
	}
	r, err := bench.Run(b.ctx, p.target, l, nil)
	if err == nil && (r.Done == 0 || r.Failed*20 > r.Done) {
		err = fmt.Errorf("%d journeys came to their end and %d did not: %v", r.Done, r.Failed, r.Failures)
	}
	if err != nil {
		return 0, err
	}
	cost := r.CPUPerJourney()
	if journey != "read" {
		cost -= p.hash
	}
	if cost <= 0 {
		return 0, fmt.Errorf("a journey costs %s, less than the hash of %s that is taken off", r.CPUPerJourney(), p.hash)
	}
	return cost, nil
}

// own measures what a journey costs of stagedoor and Redis. The cheapest hash that can be configured
// is not free, and what it allocates has the garbage collector run besides: what a server with
// a hash of twice the memory costs more is what the hash costs, and is taken off.
func (b *bed) own(journey string) (func(*bed, string, int) (time.Duration, error), error) {
	store, err := b.redis()
	if err != nil {
		return nil, err
	}
	once, err := b.onRedis()
	if err != nil {
		return nil, err
	}
	of := func(s *child) peer { return peer{name: own, target: s.target(), pids: []int{s.pid, store.pid}} }
	if journey == "read" {
		return of(once).cost, nil
	}
	twice, err := b.stagedoor("with Redis and a dearer hash", "password_hashing: {memory_kib: 2048, time: 1}\nredis: {url: \"redis://"+store.address+"/3\"}\n")
	if err != nil {
		return nil, err
	}
	return func(b *bed, journey string, seconds int) (time.Duration, error) {
		whole, err := of(once).cost(b, journey, seconds)
		if err != nil {
			return 0, err
		}
		one, err := of(once).cost(b, "login", seconds)
		if err != nil {
			return 0, err
		}
		two, err := of(twice).cost(b, "login", seconds)
		if err != nil {
			return 0, err
		}
		if hash := two - one; hash > 0 && hash < whole {
			return whole - hash, nil
		}
		return 0, fmt.Errorf("a login costs %s, and %s with a hash of twice the memory: the machine is too busy to take the hash off", one, two)
	}, nil
}
