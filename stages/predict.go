package stages

import (
	"slices"
	"strings"

	"stagedoor/engine"
)

// existingAccount is an account that was there before.
func existingAccount() engine.Case { return engine.Case{Sets: []string{"Signup"}} }

// ifDisabled is what comes of a disabled account that a handler turns away itself.
func ifDisabled(why string) engine.Case {
	return engine.Case{Reads: []string{"Active"}, If: func(f engine.Facts) bool { return !f.Active }, Stays: why}
}

// ifActive limits a case to accounts that may sign in.
func ifActive(c engine.Case) engine.Case {
	also := c.If
	c.Reads = append([]string{"Active"}, c.Reads...)
	c.If = func(f engine.Facts) bool { return f.Active && (also == nil || also(f)) }
	return c
}

// byEmail and byPhone report whether an address or a number leads to an account: one that
// is verified does, and one that is not where no other contact is.
func byEmail(f engine.Facts) bool {
	return f.Email == engine.IsVerified || f.Email == engine.Unverified && f.Phone != engine.IsVerified
}

func byPhone(f engine.Facts) bool {
	return f.Phone == engine.IsVerified || f.Phone == engine.Unverified && f.Email != engine.IsVerified
}

// orReached also finds an address that a reset link has reached before: it is no more
// verified than any other, which is all that facts tell of it.
func orReached(found func(engine.Facts) bool) func(engine.Facts) bool {
	return func(f engine.Facts) bool { return found(f) || reached(f, found) }
}

// reached reports whether an unverified address may have been reached before, where
// addresses are looked for.
func reached(f engine.Facts, found func(engine.Facts) bool) bool {
	return f.Email == engine.Unverified && found(engine.Facts{Email: engine.IsVerified})
}

// firstProof is a case in which a client proves a contact and nothing else of the account.
// Where none was proved before, all that it carries ends with it;
// facts do not tell whether an unverified address was reached before.
func firstProof(c engine.Case, is func(engine.Facts) bool) []engine.Case {
	proved := func(f engine.Facts) bool { return f.Email == engine.IsVerified || f.Phone == engine.IsVerified }
	later, first := c, c
	later.Reads, first.Reads = []string{"Email", "Phone"}, []string{"Email", "Phone"}
	later.If = func(f engine.Facts) bool { return is(f) && proved(f) || reached(f, is) }
	first.If = func(f engine.Facts) bool { return is(f) && !proved(f) }
	first.Name = strings.TrimSpace(c.Name + " as the first proof")
	for _, fact := range []string{"SecondFactor", "TrustsCode", "TrustsSecond", "Email", "Phone"} {
		if !slices.Contains(first.Sets, fact) {
			first.Sets = append(first.Sets, fact)
		}
	}
	return []engine.Case{later, first}
}

// reachable is a stage that finds active accounts by where a message would go to.
func reachable(found func(engine.Facts) bool) []engine.Case {
	c, reads := existingAccount(), []string{"Email", "Phone"}
	found = orReached(found)
	c.Reads, c.If = reads, found
	nowhere := engine.Case{Reads: reads, If: func(f engine.Facts) bool { return !found(f) }, Stays: "nobody is found"}
	return []engine.Case{ifDisabled("answered as if nobody were found"), ifActive(nowhere), ifActive(c)}
}

// newAccountCase is active, has no second factor, and no browser that trusts it.
func newAccountCase() engine.Case {
	return engine.Case{
		Sets: []string{"Active", "Signup", "SecondFactor", "TrustsCode", "TrustsSecond"},
		Then: engine.Facts{Active: true, Signup: true},
	}
}

// impossible is what cannot be of a fact, and why.
func impossible(fact string, is func(engine.Facts) bool, why string) engine.Case {
	return engine.Case{Reads: []string{fact}, If: is, Cannot: why}
}

func emailOf(f engine.Facts) engine.Verified { return f.Email }
func phoneOf(f engine.Facts) engine.Verified { return f.Phone }

// noAddress is an account that waits for a mail nobody can send.
func noAddress() engine.Case {
	return engine.Case{Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email == engine.Missing }, Stays: "there is no address to verify"}
}
