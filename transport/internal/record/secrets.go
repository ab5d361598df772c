package record

import (
	"slices"
	"strconv"
	"strings"

	"stagedoor/state"
)

// factors are the authenticators of a story.
type factors struct {
	// secrets are the variables of TOTP secrets by account, made those handed out last by
	// device.
	secrets map[state.AccountID]string
	made    map[string]string
	// codes are recovery codes by hash, used those of the accounts in the order of their
	// use, by account.
	codes map[string]string
	used  map[state.AccountID][]string
	// right are codes that were right before, count how many variables there are.
	right map[string]bool
	count int
}

func newFactors(st *story) factors {
	f := factors{
		secrets: make(map[state.AccountID]string), made: make(map[string]string), codes: make(map[string]string),
		used: make(map[state.AccountID][]string), right: make(map[string]bool),
	}
	for i, g := range st.accounts {
		if g.totp {
			f.secrets[g.id] = numbered("secret", i)
		}
	}
	return f
}

// aboutFactor reports whether the code of a request is an authenticator's.
func aboutFactor(e *exchange) bool {
	for _, part := range []string{"2fa", "mfa", "totp"} {
		if strings.Contains(e.path, part) {
			return true
		}
	}
	return false
}

// setsTOTP reports whether a request sets up the TOTP secret that was handed out last.
func setsTOTP(e *exchange) bool {
	return e.method == "POST" && (strings.HasSuffix(e.path, "/totp") || strings.HasSuffix(strings.TrimSuffix(e.path, "/"), "/totp/confirm"))
}

// learn keeps what an answer brings for later steps, in variables.
func (b *builder) learn(e *exchange) object {
	capture := make(map[string]any)
	if e.answer.secret != "" {
		name := numbered("made", b.count)
		b.count++
		b.made[e.device], capture[name] = name, e.answer.secret
		b.names.vars[e.answer.secretID] = name
	}
	if e.answer.codes != "" {
		name := "recovery" + strconv.Itoa(b.count+1)
		b.count++
		capture[name] = e.answer.codes
		for i, id := range e.answer.recovery {
			b.codes[id] = name + "." + strconv.Itoa(i)
		}
	}
	if len(capture) == 0 {
		return nil
	}
	return object{{"capture", capture}}
}

// secret is the variable of the TOTP secret that a request is about.
func (b *builder) secret(e *exchange) string {
	if made := b.made[e.device]; made != "" && setsTOTP(e) {
		return made
	}
	if known := b.secrets[e.account]; known != "" {
		return known
	}
	return "secret"
}

// factor is a code of an authenticator: of TOTP, or a recovery code.
func (b *builder) factor(e *exchange, v value) string {
	secret := b.secret(e)
	about := strings.TrimSuffix(" "+secret, " secret")
	recovery := v.digits != b.digits
	switch accepted := e.moved(); {
	case accepted && recovery:
		return "{{" + b.recovery(e, v.id) + "}}"
	case accepted:
		if setsTOTP(e) {
			b.secrets[e.account] = secret
		}
		b.right[v.id] = true
		return "{{totp_next" + about + "}}"
	case recovery && (b.codes[v.id] != "" || slices.Contains(b.used[e.account], v.id)):
		return "{{" + b.recovery(e, v.id) + "}}"
	case b.right[v.id]:
		return "{{totp" + about + "}}"
	case b.secrets[e.account] != "" || b.made[e.device] != "":
		return "{{totp_wrong" + about + "}}"
	}
	return "000000"
}

// recovery is the variable of a recovery code: of those that the story has brought, or of
// those that an account has, in the order in which they are used.
func (b *builder) recovery(e *exchange, id string) string {
	if known := b.codes[id]; known != "" {
		return known
	}
	i := slices.Index(b.used[e.account], id)
	if i < 0 {
		i = len(b.used[e.account])
		b.used[e.account] = append(b.used[e.account], id)
	}
	at := max(0, slices.IndexFunc(b.story.accounts, func(g account) bool { return g.id == e.account }))
	return numbered("recovery_codes", at) + "." + strconv.Itoa(i)
}

// passkey answers options as the recorded credential did.
func (b *builder) passkey(e *exchange, v value) string {
	refused := !e.moved()
	name, known := b.names.vars[v.id]
	flags := ""
	if v.key.unverified {
		flags += " no_uv"
	}
	if v.key.made {
		if !known {
			b.count++
			name = "new" + strconv.Itoa(b.count)
			b.names.vars[v.id] = name
		}
		if refused {
			flags += " bad_challenge"
		}
		return "{{passkey_new " + name + flags + "}}"
	}
	if !known {
		name, refused = "key", true
	}
	if refused {
		flags += " bad_sig"
	}
	return "{{passkey_get " + name + flags + "}}"
}

// idToken is a provider's token that speaks of the same person.
func (b *builder) idToken(v value) string {
	out := "{{id_token"
	if v.key.sub != "" {
		out += " sub=" + b.names.of(aSubject, v.key.sub)
	}
	if v.key.email != "" {
		out += " email=" + b.names.of(anEmail, v.key.email)
		if v.key.verified {
			out += " email_verified=true"
		}
	}
	return out + "}}"
}
