package player

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// follow adds turns to what is known of their runs.
func (p *play) follow(s *Step, turns []Turn) {
	for _, t := range turns {
		if t.Refused {
			continue
		}
		i := slices.IndexFunc(p.trails, func(r ran) bool { return r.run == t.Run && r.Flow == t.Flow })
		if i < 0 {
			i = len(p.trails)
			p.trails = append(p.trails, ran{run: t.Run, Trail: Trail{Flow: t.Flow, As: s.As, Marks: []string{}}})
		}
		p.trails[i].Marks = append(p.trails[i].Marks, t.Marks...)
		p.trails[i].End = t.End
	}
}

// sameMark reports whether a run took the exit that a story names; the reason is compared
// where the story names one.
func sameMark(want, got string) bool {
	return want == got || !strings.Contains(want, ":") && strings.HasPrefix(got, want+":")
}

// compareTurns holds the exits taken in one step against those the story names.
func (p *play) compareTurns(s *Step, turns []Turn) []Difference {
	if p.world.Turns == nil {
		return nil
	}
	got := []string{}
	for _, t := range turns {
		got = append(got, t.Marks...)
	}
	if slices.EqualFunc(s.Trail, got, sameMark) {
		return nil
	}
	return []Difference{{Where: "trail", Want: strings.Join(s.Trail, " "), Got: strings.Join(got, " ")}}
}

// compareTrails holds what the runs went through against what the story says.
func (p *play) compareTrails() []Difference {
	if p.story.Trail == nil {
		return nil
	}
	if p.world.Turns == nil {
		p.remarks = append(p.remarks, "trails are not told by a server behind an address, and were not compared")
		return nil
	}
	var out []Difference
	for i := range max(len(p.story.Trail), len(p.trails)) {
		where := fmt.Sprintf("trail %d", i+1)
		switch {
		case i >= len(p.trails):
			out = append(out, Difference{Where: where, Text: "missing, want a run of " + p.story.Trail[i].Flow})
		case i >= len(p.story.Trail):
			out = append(out, Difference{Where: where, Text: "unexpected: " + p.trails[i].String()})
		default:
			want, got := p.story.Trail[i], p.trails[i].Trail
			if want.As == "" {
				got.As = ""
			}
			if want.Flow != got.Flow || want.As != got.As || want.End != got.End || !slices.EqualFunc(want.Marks, got.Marks, sameMark) {
				out = append(out, Difference{Where: where, Want: want.String(), Got: got.String()})
			}
		}
	}
	return out
}

// String is the trail on one line.
func (t Trail) String() string {
	out := t.Flow
	if t.As != "" {
		out += " as " + t.As
	}
	out += ": " + strings.Join(t.Marks, " ")
	if t.End != "" {
		return out + " -> " + t.End
	}
	return out + " (waits)"
}

// comparePrints remarks on flows that are not those the story was recorded under.
func (p *play) comparePrints() {
	if p.world.Prints == nil {
		return
	}
	for _, flow := range sorted(p.story.Prints) {
		was, is := p.story.Prints[flow], p.world.Prints[flow]
		switch {
		case is == "":
			p.remarks = append(p.remarks, fmt.Sprintf("recorded under an older graph: there is no flow %s any more", flow))
		case was != is:
			p.remarks = append(p.remarks, fmt.Sprintf("recorded under an older graph: %s was %s and is %s now", flow, was, is))
		}
	}
}

// give makes the accounts that exist before the story. The second one's variables are
// email2, password2, secret2 and so on.
func (p *play) give(ctx context.Context) error {
	if len(p.story.Given) == 0 {
		return nil
	}
	if p.world.Add == nil {
		return fmt.Errorf("%w: accounts cannot be given to a server behind an address", ErrSkip)
	}
	for i, g := range p.story.Given {
		suffix := ""
		if i > 0 {
			suffix = itoa(i + 1)
		}
		a, err := p.account(g, suffix)
		if err != nil {
			return fmt.Errorf("given, account %d: %w", i+1, err)
		}
		made, err := p.world.Add(ctx, a)
		if err != nil {
			return fmt.Errorf("given, account %d: %w", i+1, err)
		}
		p.vars["user_id"+suffix] = made.ID
		if made.Secret != "" {
			p.keep("secret"+suffix, made.Secret)
		}
		if len(made.RecoveryCodes) > 0 {
			var codes []any
			for _, code := range made.RecoveryCodes {
				codes = append(codes, code)
			}
			p.vars["recovery_codes"+suffix], p.vars["recovery_code"+suffix] = codes, codes[0]
		}
	}
	return nil
}

// account is an account as the story gives it, with what it leaves open made up.
func (p *play) account(g Given, suffix string) (Account, error) {
	a := Account{
		EmailVerified: g.Verified == nil || *g.Verified, PhoneVerified: g.PhoneVerified == nil || *g.PhoneVerified,
		Disabled: g.Disabled, TOTP: g.TOTP, RecoveryCodes: g.RecoveryCodes, Attributes: g.Attributes, Providers: map[string]string{},
	}
	c := p.client("")
	for _, f := range []struct {
		name, said string
		always     bool
		into       *string
	}{
		{"email", g.Email, true, &a.Email}, {"password", g.Password, true, &a.Password},
		{"username", g.Username, false, &a.Username}, {"phone", g.Phone, false, &a.Phone},
	} {
		said := f.said
		if said == "true" || said == "" && f.always {
			said = "{{" + f.name + suffix + "}}"
		}
		if said == "" || said == "none" {
			continue
		}
		value, err := p.text(said, c)
		if err != nil {
			return a, err
		}
		*f.into = value
		if p.vars[f.name+suffix] != value {
			p.keep(f.name+suffix, value)
		}
	}
	for provider, id := range g.Provider {
		uid, err := p.text(id, c)
		if err != nil {
			return a, err
		}
		a.Providers[provider] = uid
	}
	for _, key := range []struct {
		name    string
		passkey bool
	}{{g.Passkey, true}, {g.SecurityKey, false}} {
		if key.name != "" {
			a.Credentials = append(a.Credentials, Credential{Name: key.name, Passkey: key.passkey, Answer: p.makeKey(key.name)})
		}
	}
	return a, nil
}

// makeKey answers creation options with a new key.
func (p *play) makeKey(name string) func(json.RawMessage) (json.RawMessage, error) {
	return func(options json.RawMessage) (json.RawMessage, error) {
		return p.keys.New(options, name, nil, p.world.Origin)
	}
}
