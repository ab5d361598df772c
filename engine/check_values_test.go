package engine

import (
	"context"
	"maps"
	"strings"
	"testing"
)

// countryDecider has a fact of its own.
type countryDecider struct{ values []string }

func (d countryDecider) FactValues() []string { return d.values }

func (d countryDecider) LoadFact(context.Context, FactQuery) (string, error) { return d.values[0], nil }

func (d countryDecider) Decide(f Facts) (Exit, Reason) {
	if f.Own == "far" && f.Active {
		return "due", "far"
	}
	return "skip", ""
}

func TestValuate(t *testing.T) {
	email := deciding("email_due", Exits{"unverified": {}, "verified": {}, "off": {}, "never": {}}, "Email", "VerifyEmail")
	decide := DecideFunc(func(f Facts) (Exit, Reason) {
		switch {
		case f.VerifyEmail == Off:
			return "off", ""
		case f.Email == IsVerified:
			return "verified", ""
		}
		return "unverified", "mandatory"
	})
	own := deciding("country_due", Exits{"due": {}, "skip": {}}, "Active", "Own")
	for _, c := range []struct {
		name  string
		stage Stage
		d     Decider
		n     int
		by    map[Exit]int
		err   string
	}{
		{"three by three", email, decide, 9, map[Exit]int{"off": 3, "verified": 2, "unverified": 4, "never": 0}, ""},
		{"a fact of its own", own, countryDecider{[]string{"near", "far", "unknown"}}, 6, map[Exit]int{"due": 1, "skip": 5}, ""},
		{"no facts", deciding("d", Exits{OK: {}}), DecideFunc(func(Facts) (Exit, Reason) { return OK, "" }), 1, map[Exit]int{OK: 1}, ""},
		{"an undeclared exit", deciding("email_due", Exits{"verified": {}, "unverified": {}}, "Email", "VerifyEmail"), decide, 0, nil,
			`stage email_due: its decider answers "off", which the stage does not declare, to Email=0 VerifyEmail=0`},
		{"a fact that is none", deciding("d", Exits{OK: {}}, "Mood"), decide, 0, nil, `there is no fact "Mood"`},
		{"a fact nobody loads", own, decide, 0, nil, "stage country_due: reads Own, and its decider names no values of it: give it FactValues"},
		{"no decider", own, nil, 0, nil, "stage country_due: no decider to valuate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, by, err := Valuate(c.stage, c.d)
			if n != c.n || !maps.Equal(by, c.by) {
				t.Errorf("%d valuations %v, want %d %v", n, by, c.n, c.by)
			}
			if (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
		})
	}
}

// TestValuateShowsOnlyWhatIsRead holds a decider that looks at more than its stage
// reads: it finds the rest zero.
func TestValuateShowsOnlyWhatIsRead(t *testing.T) {
	s := deciding("d", Exits{"yes": {}, "no": {}}, "Active")
	n, by, err := Valuate(s, DecideFunc(func(f Facts) (Exit, Reason) {
		if f.Signup || f.Own != "" || f.VerifyEmail != Off {
			return "yes", ""
		}
		return "no", ""
	}))
	if err != nil || n != 2 || by["yes"] != 0 || by["no"] != 2 {
		t.Errorf("%d %v %v", n, by, err)
	}
}
