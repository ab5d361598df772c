package hijack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/internal/device"
)

// game is one play of the two parties on a server: what they have done, and what the
// server's accounts have become.
type game struct {
	*ground
	t               testing.TB
	stranger, owner *party
	// moves are those made, by whom the one is that is being made.
	moves  []*move
	moving *move
	// met are the accounts of this play; owned those that are the owner's: he has been
	// signed in there, or his address or number is verified there.
	met   []state.AccountID
	owned map[state.AccountID]bool
	// accounts are what those that are left are now.
	accounts []*state.Account
	// cameIn is true once the owner has been signed in.
	cameIn bool
	// given is what a stranger keeps by nature, by account: the owner himself opened the
	// letter that the stranger's doing had sent.
	given map[state.AccountID]grant
	// born is the kind of the move that made an account, labels say whose doing a password
	// or an authenticator is.
	born   map[state.AccountID]string
	labels map[string]string
	// his are the accounts in which a contact of the stranger was proved.
	his    map[state.AccountID]bool
	fault  string
	waited int
	// swapped has apps and browsers change places.
	swapped bool
}

// grant is what comes back by nature.
type grant struct {
	// all is true where the account was the stranger's own before.
	all bool
	// made are the ways in that the stranger's sign-up itself made.
	made []string
}

// move is what one party does next.
type move struct {
	owners bool
	// kind is what the move is about, words what happens in it.
	kind, words string
	can         func(g *game) bool
	do          func(g *game) *reply
}

func (m *move) String() string {
	if m.owners {
		return "owner " + m.words
	}
	return "stranger " + m.words
}

// mover is the party that moves.
func (g *game) mover() *party {
	if g.moving != nil && g.moving.owners {
		return g.owner
	}
	return g.stranger
}

// newGame begins a play with names of its own.
func (w *ground) newGame(t testing.TB) *game {
	w.games++
	g := &game{
		ground: w, t: t, owned: map[state.AccountID]bool{}, given: map[state.AccountID]grant{}, born: map[state.AccountID]string{}, labels: map[string]string{}, his: map[state.AccountID]bool{},
	}
	person := func(name string, digit int) *party {
		local := fmt.Sprint(name, w.games)
		return &party{
			name: name, mail: local + "@example.org", phone: fmt.Sprintf("+3161%d%06d", digit, w.games), username: local, sub: "sub-" + local,
			password: "Pw-of-" + local + "-7x", keys: device.NewPasskeys(w.entropy),
		}
	}
	g.stranger, g.owner = person("stranger", 1), person("owner", 2)
	return g
}

// make makes a move and judges what has become of it.
func (g *game) make(m *move) {
	g.moving = m
	before, was := g.verified(), g.accounts
	r := m.do(g)
	g.moves = append(g.moves, m)
	g.read()
	g.collect()
	g.endow(before)
	g.widen(was)
	g.judge(r)
}

// words is the play so far, a line for each move.
func (g *game) words() string {
	var b strings.Builder
	for _, m := range g.moves {
		fmt.Fprintf(&b, "  %s\n", m)
	}
	if g.moving != nil && (len(g.moves) == 0 || g.moves[len(g.moves)-1] != g.moving) {
		fmt.Fprintf(&b, "  %s\n", g.moving)
	}
	return b.String()
}

// collect delivers what was sent since to whom it was sent.
func (g *game) collect() {
	asked := ""
	if g.moving != nil {
		asked = g.moving.kind
	}
	for _, p := range []*party{g.stranger, g.owner} {
		for _, to := range []string{p.mail, p.phone} {
			messages, err := g.world.Messages(g.t.Context(), to, 0)
			if err != nil {
				g.t.Fatal(err)
			}
			for _, m := range messages {
				if m.Kind != device.Notice {
					p.letters = append(p.letters, letter{Message: m, by: g.mover(), asked: asked, epochs: g.epochs()})
				}
			}
		}
	}
}

// read reads the accounts that the play has made.
func (g *game) read() {
	for _, id := range g.created {
		g.met = append(g.met, id)
		g.born[id] = g.moving.kind
	}
	g.created, g.accounts = nil, nil
	for _, id := range g.met {
		switch a, err := g.stores.Account(g.t.Context(), id); {
		case err == nil:
			g.accounts = append(g.accounts, a)
			g.label(a)
		case !errors.Is(err, state.ErrNotFound):
			g.t.Fatal(err)
		}
	}
}

// label notes whose doing what is new in an account is: of who moves.
func (g *game) label(a *state.Account) {
	things := []string{a.PasswordHash}
	for _, x := range a.Authenticators {
		things = append(things, fmt.Sprint(x.ID))
	}
	for _, thing := range things {
		if g.labels[thing] == "" {
			g.labels[thing] = g.mover().name
		}
	}
	g.labels[""] = "none"
}

// proved reports whether an address or number of the party is verified in the account.
func (p *party) proved(a *state.Account) bool {
	e := a.Email(p.mail)
	return e != nil && e.Verified || a.Phone == p.phone && a.PhoneVerified
}

// verified are the accounts in which a contact of each party is verified.
func (g *game) verified() map[*party][]state.AccountID {
	out := map[*party][]state.AccountID{}
	for _, a := range g.accounts {
		for _, p := range []*party{g.stranger, g.owner} {
			if p.proved(a) {
				out[p] = append(out[p], a.ID)
			}
		}
	}
	return out
}

// endow notes which accounts are the owner's now, and what a stranger keeps of one because
// the owner opened his letter.
func (g *game) endow(before map[*party][]state.AccountID) {
	for _, p := range g.owner.seats {
		if id, _ := p.look(); id != "" {
			g.owned[id], g.cameIn = true, true
		}
	}
	g.owner.seats = nil
	for _, id := range g.verified()[g.owner] {
		g.owned[id] = true
		if slices.Contains(before[g.owner], id) || g.moving.kind != opensLetter {
			continue
		}
		made := map[string][]string{"password": {"password"}, "number left": {"password"}, "provider": {"provider"}}[g.born[id]]
		g.given[id] = grant{all: g.his[id], made: made}
	}
	for _, id := range g.verified()[g.stranger] {
		g.his[id] = true
	}
}

// widen notes that a stranger who came in by what he keeps by nature has made more of it:
// whatever he can do there follows from that.
func (g *game) widen(was []*state.Account) {
	for _, a := range was {
		gift, found := g.given[a.ID]
		if !found || g.moving.owners || !slices.Contains(append(gift.made, "waiting run"), g.moving.kind) {
			continue
		}
		if i := slices.IndexFunc(g.accounts, func(now *state.Account) bool { return now.ID == a.ID }); i >= 0 && g.described(g.accounts[i]) != g.described(a) {
			gift.all = true
			g.given[a.ID] = gift
		}
	}
}

// epochs changes whenever an account has ended what began before.
func (g *game) epochs() (sum int64) {
	for _, a := range g.accounts {
		sum += a.Epoch
	}
	return sum
}

// judge looks at every seat of the stranger: none may be in an account of the owner's.
func (g *game) judge(r *reply) {
	kept := g.stranger.seats[:0]
	for _, s := range g.stranger.seats {
		s.in, s.waits = s.look()
		if s.in == "" && s.waits == "" && s.refresh == "" {
			continue
		}
		if s.in != "" && s.made == "" {
			s.made = g.moving.kind
		}
		kept = append(kept, s)
		if !g.owned[s.in] || g.excused(s) {
			continue
		}
		g.fault = fmt.Sprintf("the stranger is signed in (%s) to the owner's account; the last answer is %s", s.made, r)
		return
	}
	g.stranger.seats = kept
}

// excused reports whether the stranger's seat is in by what he keeps by nature.
func (g *game) excused(s *seat) bool {
	gift, found := g.given[s.in]
	return found && (gift.all || slices.Contains(gift.made, s.made))
}

// key is a canonical form of the play: two plays with the same are taken for one.
func (g *game) key() string {
	names := map[state.AccountID]string{}
	var accounts []string
	for _, a := range g.accounts {
		names[a.ID] = g.described(a)
		accounts = append(accounts, names[a.ID])
	}
	slices.Sort(accounts)
	var held []string
	for _, s := range g.stranger.seats {
		held = append(held, fmt.Sprintf("%s in %q waits %s refresh %t trust %t", s.kind, names[s.in], s.waits, s.refresh != "", len(s.cookies) > 2))
	}
	for _, p := range []*party{g.stranger, g.owner} {
		for _, l := range p.letters {
			if !l.used {
				held = append(held, fmt.Sprintf("%s has %s by %s for %s, old %t", p.name, l.Name, l.by.name, l.asked, l.epochs != g.epochs()))
			}
		}
		held = append(held, fmt.Sprintf("%s has %d keys, %d secrets", p.name, p.passkeys, len(p.secrets)))
	}
	slices.Sort(held)
	return strings.Join(append(accounts, slices.Compact(held)...), "\n") + fmt.Sprint("\nwaited ", g.waited, " in ", g.cameIn)
}

// described is what an account has, and whose doing it is.
func (g *game) described(a *state.Account) string {
	role := strings.NewReplacer(
		g.owner.mail, "victim", g.stranger.mail, "evil", g.owner.phone, "victim", g.stranger.phone, "evil",
		g.owner.username, "victim", g.stranger.username, "evil", g.owner.sub, "victim", g.stranger.sub, "evil")
	var b strings.Builder
	for _, e := range a.Emails {
		fmt.Fprintf(&b, "%s %t %t, ", e.Address, e.Verified, e.Primary)
	}
	fmt.Fprintf(&b, "phone %s %t, password %s", a.Phone, a.PhoneVerified, g.labels[a.PasswordHash])
	if asks("username")(g) {
		fmt.Fprintf(&b, ", name %s", a.Username)
	}
	for _, x := range a.Authenticators {
		fmt.Fprintf(&b, ", %s of %s", x.Type, g.labels[fmt.Sprint(x.ID)])
	}
	for _, x := range a.Providers {
		fmt.Fprintf(&b, ", at provider %s", x.UID)
	}
	_, given := g.given[a.ID]
	fmt.Fprintf(&b, ", owned %t given %t", g.owned[a.ID], given)
	return role.Replace(b.String())
}
