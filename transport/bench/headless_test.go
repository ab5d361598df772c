package bench

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// mailPort is a port for a mail server, as a test's configuration and its bench name it.
func mailPort(t *testing.T) (address string, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String(), l.Addr().(*net.TCPAddr).Port
}

// aServer is one that all journeys can be walked on. Its clock is moved by whoever waits for a code.
func aServer(t *testing.T, more ...suite.SetUp) Target {
	t.Helper()
	at, port := mailPort(t)
	mail, err := ReceiveMail(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	l := suite.NewLab(t, append([]suite.SetUp{func(c *config.Config, o *server.Options) {
		c.Mail.Supplied, o.Mail = false, nil
		c.Mail.SMTPHost, c.Mail.SMTPPort, c.Mail.SMTPTLS, c.Mail.From = "127.0.0.1", port, "none", "lab@example.com"
		c.Account.LoginByCodeEnabled = true
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled, c.MFA.WebAuthnAllowInsecureOrigin = []string{"totp", "recovery_codes", "webauthn"}, true, true
	}}, more...)...)
	base, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Base: base, Mount: "/_allauth", Letters: mail, now: l.Clock.Read, wait: func(_ context.Context, d time.Duration) error {
		l.Clock.Pass(d)
		return nil
	}}
}

// TestJourneys walks every journey of both contracts, each connection several times.
func TestJourneys(t *testing.T) {
	target := aServer(t)
	for _, contract := range []Contract{Headless, Plain} {
		for _, j := range contract.journeys() {
			t.Run(string(contract)+" "+j.name, func(t *testing.T) {
				target := target
				target.Contract = contract
				stroll(t, target, j)
			})
		}
	}
}

// TestSignupByCode verifies addresses by codes, whose letters have the key of another link.
func TestSignupByCode(t *testing.T) {
	target := aServer(t, suite.ByCode)
	for _, contract := range []Contract{Headless, Plain} {
		target.Contract = contract
		r, err := Run(t.Context(), target, Load{Journey: "signup", Connections: 2, Count: 4}, nil)
		if err != nil || r.Done != 4 || r.Failed != 0 {
			t.Errorf("%s: %+v, %v", contract, r, err)
		}
	}
}

// stroll walks a journey.
func stroll(t *testing.T, target Target, j journey) {
	connections := 2
	if j.codes {
		connections = 1 // one clock, which connections would move for each other
	}
	var said []string
	r, err := Run(t.Context(), target, Load{Journey: j.name, Connections: connections, Count: 6, Accounts: 2}, func(s string) { said = append(said, s) })
	if err != nil || r.Done != 6 || r.Failed != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if (j.ready != nil) != (len(said) > 0) {
		t.Errorf("said %q", said)
	}
	steps := map[string]int{"login-totp": 2, "login-code": 3, "signup": 3, "passkey": 2}
	if want := max(1, steps[j.name]); len(r.Steps) != want || r.Steps[0].Count != 6 {
		t.Errorf("steps %+v, want %d", r.Steps, want)
	}
}

// TestJourneysOpenSignUp: where no address is to be verified nobody waits for mail.
func TestJourneysOpenSignUp(t *testing.T) {
	target := aServer(t, func(c *config.Config, _ *server.Options) {
		c.Account.EmailVerification, c.MFA.AllowUnverifiedEmail = "none", true
	})
	target.Letters = nil
	for _, journey := range []string{"signup", "login-totp", "wrong-totp", "abandon"} {
		r, err := Run(t.Context(), target, Load{Journey: journey, Connections: 1, Count: 4, Accounts: 2}, nil)
		if err != nil || r.Done != 4 {
			t.Errorf("%s: %+v, %v", journey, r, err)
		}
	}
}

// aServerWithout is one whose mail nobody reads.
func aServerWithout(t *testing.T) Target {
	t.Helper()
	target := aServer(t)
	target.Letters = nil
	return target
}

// TestNoLetters: what needs mail says how to hand it in.
func TestNoLetters(t *testing.T) {
	r, err := Run(t.Context(), aServerWithout(t), Load{Journey: "signup", Connections: 1, Count: 1}, nil)
	if err != nil || r.Failed != 1 || r.Failures[0].Kind != KindLetter || !strings.Contains(r.Failures[0].First, "--mail dev") {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestSideOf makes requests that are answered as they should be, again and again, each
// connection with a run of its own.
func TestSideOf(t *testing.T) {
	target := aServer(t)
	for journey, want := range map[string]int{"config": 200, "anonymous": 401, "read": 200, "wrong-totp": 400} {
		side, err := SideOf(t.Context(), target, journey, 3)
		if err != nil || side.Want != want || len(side.Requests) != 3 {
			t.Errorf("%s: %+v, %v", journey, side, err)
			continue
		}
		seen := map[string]bool{}
		for _, r := range side.Requests {
			seen[strings.Join(r.Header, " ")] = true
		}
		if signed := journey == "read" || journey == "wrong-totp"; signed != (len(seen) == 3) {
			t.Errorf("%s: connections are %v", journey, seen)
		}
		if _, err := Compare(t.Context(), side, side, Pairing{Connections: 3, Pairs: 1, Slice: 30 * time.Millisecond}); err != nil {
			t.Errorf("%s: %v", journey, err)
		}
	}
	if _, err := SideOf(t.Context(), target, "login-code", 1); err == nil {
		t.Error("a journey of several requests is one")
	}
}

// TestDevMailbox reads codes where a development server shows them, each once.
func TestDevMailbox(t *testing.T) {
	l := suite.NewLab(t, func(c *config.Config, o *server.Options) {
		c.Mail.Supplied, o.Mail, c.Dev.Enabled = false, nil, true
		c.Account.LoginByCodeEnabled = true
	})
	base, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	target := Target{Base: base, Mount: "/_allauth", Letters: DevMailbox(base)}
	r, err := Run(t.Context(), target, Load{Journey: "login-code", Connections: 2, Count: 6}, nil)
	if err != nil || r.Done != 6 {
		t.Errorf("%+v, %v", r, err)
	}
	target = aServer(t)
	target.Letters = DevMailbox(target.Base)
	if r, err := Run(t.Context(), target, Load{Journey: "signup", Connections: 1, Count: 1}, nil); err != nil || r.Failed != 1 || !strings.Contains(r.Failures[0].First, errNoMailbox.Error()) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestAccounts: a run makes about as many as it needs.
func TestAccounts(t *testing.T) {
	for want, l := range map[int]Load{
		7:  {Connections: 3, Accounts: 20},
		26: {Connections: 4, Count: 100, Duration: time.Hour},
		75: {Connections: 4, Rate: 10, Duration: time.Minute},
		5:  {Connections: 4, Rate: 10, Duration: 2 * time.Second},
		16: {Connections: 4, Duration: time.Hour},
		1:  {Connections: 500, Duration: time.Hour},
	} {
		if got := l.accounts(); got != want {
			t.Errorf("%s: %d to a connection, want %d", strconv.Quote(l.Journey), got, want)
		}
	}
}
