package stages

import (
	"slices"
	"strings"

	"stagedoor/engine"
)

// What follows tells matrices what handlers do that a graph does not show.

// existing is an account that was there before.
func existing() engine.Case { return engine.Case{Sets: []string{"Signup"}} }

// turned is what comes of a disabled account that a handler turns away itself.
func turned(why string) engine.Case {
	return engine.Case{Reads: []string{"Active"}, If: func(f engine.Facts) bool { return !f.Active }, Stays: why}
}

// active limits a case to accounts that may sign in.
func active(c engine.Case) engine.Case {
	also := c.If
	c.Reads = append([]string{"Active"}, c.Reads...)
	c.If = func(f engine.Facts) bool { return f.Active && (also == nil || also(f)) }
	return c
}

// Predict: a disabled account has no password that is right.
func (password) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return []engine.Case{turned("answered like a wrong password"), active(existing())}
}

// Predict: who signs in with a passkey has one, and that is a second factor, too.
func (passkeyLogin) Predict(engine.FlowID, engine.Edge) []engine.Case {
	c := existing()
	c.Sets, c.Then.SecondFactor = append(c.Sets, "SecondFactor"), true
	return []engine.Case{turned("answered like an unknown passkey"), active(c)}
}

// Predict: a code goes to an address or a number by which an active account is found.
func (r codeRequest) Predict(engine.FlowID, engine.Edge) []engine.Case {
	switch mail, phone := r.codesByMail(), r.allowed("phone"); {
	case mail && phone:
		return reachable(func(f engine.Facts) bool { return byEmail(f) || byPhone(f) })
	case phone:
		return reachable(byPhone)
	}
	return reachable(byEmail)
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

// firstProof is a case in which somebody shows that a contact is theirs who shows nothing
// else of the account. Where none was proved before, all that it carries ends with it;
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

// codesByMail reports whether a code can be asked for by an address.
func (s *Settings) codesByMail() bool { return s.allowed("email") || !s.allowed("phone") }

// reachable is a stage that finds active accounts by where a message would go to.
func reachable(found func(engine.Facts) bool) []engine.Case {
	c, reads := existing(), []string{"Email", "Phone"}
	found = orReached(found)
	c.Reads, c.If = reads, found
	nowhere := engine.Case{Reads: reads, If: func(f engine.Facts) bool { return !found(f) }, Stays: "nobody is found"}
	return []engine.Case{turned("answered as if nobody were found"), active(nowhere), active(c)}
}

// Predict: whoever reads the code owns the address or the number it went to.
func (c loginCode) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	mail := engine.Case{
		Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing },
		Sets: []string{"Email"}, Then: engine.Facts{Email: engine.IsVerified},
	}
	text := engine.Case{
		Reads: []string{"Phone"}, If: func(f engine.Facts) bool { return f.Phone != engine.Missing },
		Sets: []string{"Phone"}, Then: engine.Facts{Phone: engine.IsVerified},
	}
	if at.Node != "login_code" {
		text.Reads, text.If = []string{"Email"}, func(f engine.Facts) bool { return f.Email == engine.Missing }
		return []engine.Case{mail, text}
	}
	switch {
	case !c.allowed("phone"):
		return firstProof(mail, byEmail)
	case !c.codesByMail():
		return firstProof(text, byPhone)
	}
	mail.Name, text.Name = "by mail", "by text message"
	return append(firstProof(mail, byEmail), firstProof(text, byPhone)...)
}

// Predict: a password is reset by way of an address.
func (resetRequest) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return reachable(byEmail)
}

// Predict: the code verifies the address, and a new password voids what was trusted.
func (resetCode) Predict(engine.FlowID, engine.Edge) []engine.Case {
	c := engine.Case{Sets: []string{"Email", "TrustsCode", "TrustsSecond"}, Then: engine.Facts{Email: engine.IsVerified}}
	return firstProof(c, byEmail)
}

// Predict: a link was mailed to an address, and a new password voids what was trusted.
func (resetKey) Predict(engine.FlowID, engine.Edge) []engine.Case {
	c := existing()
	c.Sets = append(c.Sets, "TrustsCode", "TrustsSecond")
	cases := reachable(byEmail)
	cases = cases[:len(cases)-1]
	for _, one := range firstProof(c, byEmail) {
		if len(one.Sets) > len(c.Sets) {
			// A reset link proves the address and verifies it not.
			one.Sets, one.Then.Email = slices.Clone(one.Sets), engine.Unverified
		}
		cases = append(cases, active(one))
	}
	return cases
}

// Predict: a new account has what the form asks for, and nothing of it is verified.
func (f signup) Predict(engine.FlowID, engine.Edge) []engine.Case {
	if !f.SignupOpen {
		return []engine.Case{{Stays: "sign-up is closed"}}
	}
	c := newAccount()
	var out []engine.Case
	contact := func(field, fact string, is func(engine.Facts) engine.Verified, set func(engine.Verified)) {
		required, asked := f.SignupFields[field]
		switch {
		case !asked:
			c.Sets = append(c.Sets, fact)
		case required:
			c.Sets = append(c.Sets, fact)
			set(engine.Unverified)
		default:
			out = append(out, never(fact, func(f engine.Facts) bool { return is(f) == engine.IsVerified }, "nothing of a new account is verified"))
		}
	}
	contact("email", "Email", emailOf, func(v engine.Verified) { c.Then.Email = v })
	contact("phone", "Phone", phoneOf, func(v engine.Verified) { c.Then.Phone = v })
	return append(out, c)
}

// Predict: an account that a third party vouches for may be made at once, with what it
// says is verified, or by way of a form. One that is known may be disabled, too.
func (e vouched) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	if at.Exit != "created" {
		return []engine.Case{existing()}
	}
	if !e.Social.AutoSignup {
		return []engine.Case{{Stays: "every new account begins with a form"}}
	}
	return e.newcomers()
}

// Predict: see the third party itself; the form makes the account in any case.
func (p providerForm) Predict(engine.FlowID, engine.Edge) []engine.Case { return p.newcomers() }

// newcomers are the accounts that third parties vouch for.
func (e vouched) newcomers() []engine.Case {
	if !e.Social.SignupOpen {
		return []engine.Case{{Stays: "sign-up by a third party is closed"}}
	}
	c := newAccount()
	var out []engine.Case
	if e.SignupFields["email"] {
		out = append(out, never("Email", func(f engine.Facts) bool { return f.Email == engine.Missing }, "a new account must have an address"))
	}
	required, asked := e.SignupFields["phone"]
	switch {
	case !asked:
		c.Sets = append(c.Sets, "Phone")
	case required:
		out = append(out, never("Phone", func(f engine.Facts) bool { return f.Phone == engine.Missing }, "a new account must have a number"))
	}
	return append(out, c)
}

// newAccount is active, has no second factor, and no browser that trusts it.
func newAccount() engine.Case {
	return engine.Case{
		Sets: []string{"Active", "Signup", "SecondFactor", "TrustsCode", "TrustsSecond"},
		Then: engine.Facts{Active: true, Signup: true},
	}
}

// never is what cannot be of a fact, and why.
func never(fact string, is func(engine.Facts) bool, why string) engine.Case {
	return engine.Case{Reads: []string{fact}, If: is, Cannot: why}
}

func emailOf(f engine.Facts) engine.Verified { return f.Email }
func phoneOf(f engine.Facts) engine.Verified { return f.Phone }

// Predict: a link that is opened ends the wait, and signs in only where that is
// configured. Who has no address waits for nothing.
func (l emailLink) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	out := []engine.Case{noAddress()}
	c := engine.Case{Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing }}
	switch {
	case !l.LoginOnEmailConfirmation && at.Exit == engine.OK:
		c.Stays = "a link does not sign in"
	case at.Exit == engine.OK:
		c.Name = "its link"
	case l.LoginOnEmailConfirmation:
		c.Name = "the link of another account"
	}
	return append(out, c)
}

// Predict: without an address there is no code, unless the client can name one.
func (c emailCode) Predict(engine.FlowID, engine.Edge) []engine.Case {
	if c.EmailChange > 0 {
		return []engine.Case{{}}
	}
	return []engine.Case{noAddress(), {Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing }}}
}

// Predict: what disables an account voids its letters.
func (disown) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return []engine.Case{turned("its letters are void"), active(existing())}
}

// noAddress is an account that waits for a mail nobody can send.
func noAddress() engine.Case {
	return engine.Case{Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email == engine.Missing }, Stays: "there is no address to verify"}
}
