package stages_test

import (
	"slices"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

// TestTextsOfABlock: addresses that one party is given are counted as one, whichever way the server
// writes them down, and what is no address is not counted.
func TestTextsOfABlock(t *testing.T) {
	w := newWorld(t)
	w.Rates = engine.Rates{"sms": {{Max: 2, Per: time.Minute, By: "block"}}}
	h, _ := w.Handlers()["login_code"].(engine.Enterer)
	for _, c := range []struct{ ip, want string }{
		{"192.0.2.1", "192.0.2.0/24"},
		{"192.0.2.255", "192.0.2.0/24"},
		{"192.0.3.0", "192.0.3.0/24"},
		{"::ffff:192.0.2.9", "192.0.2.0/24"},
		{"2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"2001:db8:1:ffff::9", "2001:db8:1::/48"},
		{"2001:db8:2::9", "2001:db8:2::/48"},
		{"fe80::1%eth0", "fe80::/48"},
		{"", ""},
		{"unknown", ""},
	} {
		in, err := h.Enter(engine.Arrival{
			Run: engine.Run{Hint: "+31600000001"}, Facts: engine.Facts{Asked: true}, Now: noon, Seed: engine.Seed{1}, Client: engine.Client{IP: c.ip},
		})
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" {
			if len(in.Takes) != 0 {
				t.Errorf("%q is counted: %+v", c.ip, in.Takes)
			}
			continue
		}
		if len(in.Takes) != 1 || in.Takes[0].Key != "rl:sms:0:block:"+c.want {
			t.Errorf("%s: %+v, want %s", c.ip, in.Takes, c.want)
		}
	}
}

// TestTextsToCountries: a number is texted where its country is listed. Numbers of one calling code
// are told apart by what follows it, and those that cost their caller are never texted.
func TestTextsToCountries(t *testing.T) {
	w := newWorld(t)
	w.SMSCountries = []string{"US", "GB"}
	h, _ := w.Handlers()["login_code"].(engine.Enterer)
	for number, want := range map[string]state.Channel{
		"+12025550123":  state.BySMS,
		"+18765550123":  state.ToNobody, // Jamaica
		"+14165550123":  state.ToNobody, // Canada
		"+447400123456": state.BySMS,
		"+447781123456": state.ToNobody, // Guernsey
		"+449012345678": state.ToNobody, // premium rate
		"+31600000001":  state.ToNobody,
		"+88213123456":  state.ToNobody, // a satellite's
	} {
		in, err := h.Enter(engine.Arrival{Run: engine.Run{Hint: number}, Facts: engine.Facts{Asked: true}, Now: noon, Seed: engine.Seed{1}})
		if err != nil || len(in.Messages) != 1 {
			t.Fatal(in, err)
		}
		if m, _ := in.Messages[0].(state.Message); m.Channel != want {
			t.Errorf("%s is sent %s, want %s", number, m.Channel, want)
		}
	}
}

// TestWhereCodesSignIn: codes sign in by the contacts that a sign-in names.
func TestWhereCodesSignIn(t *testing.T) {
	for _, c := range []struct {
		methods []string
		want    []string
	}{
		{[]string{"email"}, []string{state.KeyEmail}},
		{[]string{"username"}, []string{state.KeyEmail}},
		{[]string{"phone"}, []string{state.KeyPhone}},
		{[]string{"username", "phone"}, []string{state.KeyPhone}},
		{[]string{"email", "phone"}, []string{state.KeyEmail, state.KeyPhone}},
	} {
		s := stages.Settings{LoginByCode: true, LoginMethods: c.methods}
		if got := s.CodesSignIn(); !slices.Equal(got, c.want) {
			t.Errorf("named by %q, codes go to %q, want %q", c.methods, got, c.want)
		}
		s.LoginByCode = false
		if got := s.CodesSignIn(); got != nil {
			t.Errorf("codes that are off go to %q", got)
		}
	}
}
