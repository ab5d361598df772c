package operate

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"
)

// Show prints what is known of an account, without anything that signs in.
func (p *Operator) Show(ctx context.Context, who string, out io.Writer) error {
	a, err := find(ctx, p.database, who)
	if err != nil {
		return err
	}
	sessions, err := p.database.SessionsOf(ctx, a.ID, p.now())
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	line := func(name, format string, v ...any) {
		fmt.Fprintf(w, "%-10s "+format+"\n", append([]any{name}, v...)...)
	}
	line("id", "%s", a.ID)
	line("username", "%s", orDash(a.Username))
	line("active", "%s", yes(a.Active))
	line("password", "%s", yes(a.PasswordHash != ""))
	line("created", "%s", moment(a.CreatedAt))
	line("signed in", "%s", moment(a.LastLogin))
	for _, e := range a.Emails {
		line("address", "%s%s%s", e.Address, marked(e.Primary, "primary"), marked(e.Verified, "verified"))
	}
	if a.Phone != "" {
		line("number", "%s%s", a.Phone, marked(a.PhoneVerified, "verified"))
	}
	for _, x := range a.Authenticators {
		line("factor", "%s%s, added %s", x.Type, marked(x.Name != "", x.Name), moment(x.CreatedAt))
	}
	for _, x := range a.Providers {
		line("connected", "%s %s", x.Provider, x.UID)
	}
	for _, s := range sessions {
		line("session", "%s from %s, seen %s%s", s.Client, orDash(s.IP), moment(s.LastSeen), marked(s.Binding.Bound(), "bound by "+s.Binding.Kind))
	}
	return w.Flush()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func marked(b bool, mark string) string {
	if b {
		return ", " + mark
	}
	return ""
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
