package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/state"
	"stagedoor/state/accounts"
)

// pause is how long nothing must have happened for a story to let time pass.
const pause = time.Second

// builder writes the steps of a story.
type builder struct {
	story *story
	names *names
	// digits is how long a TOTP code is.
	digits int
	out    []any
	// at is up to when the steps so far have come.
	at time.Time
	// unread are messages by recipient, read the newest that was read by channel.
	unread map[string][]*message
	read   map[state.Channel]*message
	// needed are messages whose code or key is used, kept the variables of those that are
	// used when a newer one was read.
	needed map[*message]bool
	kept   map[part]string
	factors
}

func newBuilder(st *story, digits int) *builder {
	b := &builder{
		story: st, names: newNames(st), digits: digits, at: st.started,
		unread: make(map[string][]*message), read: make(map[state.Channel]*message),
		needed: make(map[*message]bool), kept: make(map[part]string), factors: newFactors(st),
	}
	b.eachUse(func(_ int, p part) { b.needed[p.of] = true })
	b.eachUse(func(i int, p part) {
		if newest := b.newest(i, p.of.channel); newest != p.of && b.kept[p] == "" {
			b.kept[p] = "old" + strconv.Itoa(len(b.kept)+1)
		}
	})
	return b
}

// part is what a message brought: code, key or disown.
type part struct {
	of   *message
	name string
}

// eachUse calls f with every exchange that shows what a message brought, or something
// wrong in its place.
func (b *builder) eachUse(f func(i int, p part)) {
	for i := range b.story.exchanges {
		e := &b.story.exchanges[i]
		walk("", e.body, func(_ string, v value) {
			if v.class != aCode || aboutFactor(e) {
				return
			}
			if m := b.source(i, v); m != nil {
				f(i, part{m, m.brought(v.id)})
			}
		})
	}
}

// source is the message that brought a code or key; for a wrong one the latest that
// brought any.
func (b *builder) source(i int, v value) *message {
	var latest *message
	for j := range slices.Backward(b.story.exchanges[:i]) {
		list := b.story.exchanges[j].messages
		for k := range slices.Backward(list) {
			if list[k].brings(v.id) {
				return &list[k]
			}
			if latest == nil && list[k].kind != "notice" {
				latest = &list[k]
			}
		}
	}
	return latest
}

// newest is the message that a channel brought last before an exchange, of those that are
// read.
func (b *builder) newest(i int, c state.Channel) *message {
	for j := range slices.Backward(b.story.exchanges[:i]) {
		list := b.story.exchanges[j].messages
		for k := range slices.Backward(list) {
			if list[k].channel == c && b.needed[&list[k]] {
				return &list[k]
			}
		}
	}
	return nil
}

// steps are the steps of the whole story.
func (b *builder) steps() []any {
	for i := range b.story.exchanges {
		e := &b.story.exchanges[i]
		if gap := e.began.Sub(b.at); gap >= pause {
			b.out = append(b.out, object{{"advance", gap.Round(time.Second).String()}})
			b.at = e.began
		}
		b.out = append(b.out, b.step(i))
		b.mail(e)
	}
	return b.out
}

// step writes a request and what must come of it.
func (b *builder) step(i int) object {
	e := &b.story.exchanges[i]
	if e.path == callbackEnd {
		who := map[string]any{"sub": "{{" + b.names.of(aSubject, e.person.sub) + "}}"}
		if e.person.email != "" {
			who["email"], who["email_verified"] = "{{"+b.names.of(anEmail, e.person.email)+"}}", e.person.verified
		}
		return append(object{{"oidc", who}}, b.wants(e)...)
	}
	out := object{{"req", e.method + " " + e.path}}
	if body, _ := b.fill(i, "", e.body).(map[string]any); len(body) > 0 {
		name := "body"
		if e.form {
			name = "form"
		}
		out = append(out, entry{name, body})
	}
	if e.forged {
		out = append(out, entry{"csrf", "none"})
	}
	if proof := b.proof(e); proof != nil {
		out = append(out, entry{"proof", proof})
	}
	capture := b.learn(e)
	return append(append(out, capture...), b.wants(e)...)
}

// proof is what an exchange was proved by, nil where that was the device's own good proof or
// nothing is proved.
func (b *builder) proof(e *exchange) any {
	switch {
	case e.kind == "browser" || !b.story.binds(e.device):
	case !e.keyed:
		return "none"
	case slices.Contains(e.answer.errors, "use_dpop_nonce"):
		return map[string]any{"claims": map[string]any{"nonce": nil}}
	case e.answer.unproved, slices.Contains(e.answer.errors, "invalid_dpop_proof"):
		return map[string]any{"sig": "bad"}
	}
	return nil
}

// wants is the device that plays a step, and what must come of it.
func (b *builder) wants(e *exchange) object {
	var out object
	if e.device != "" {
		out = append(out, entry{"as", e.device})
	}
	out = append(out, entry{"want", e.answer.status})
	switch len(e.answer.pending) {
	case 0:
	case 1:
		out = append(out, entry{"pending", e.answer.pending[0]})
	default:
		out = append(out, entry{"pending", texts(e.answer.pending)})
	}
	if len(e.answer.errors) > 0 {
		out = append(out, entry{"errors", texts(e.answer.errors)})
	}
	return out
}

// mail reads the messages that an exchange sent, where one of them is needed.
func (b *builder) mail(e *exchange) {
	var to []string
	for k := range e.messages {
		m := &e.messages[k]
		b.unread[m.to] = append(b.unread[m.to], m)
		if b.needed[m] && !slices.Contains(to, m.to) {
			to = append(to, m.to)
		}
	}
	for _, who := range to {
		list := b.unread[who]
		b.unread[who] = nil
		newest := list[len(list)-1]
		b.read[newest.channel] = newest
		kinds := make([]any, len(list))
		for i, m := range list {
			kinds[i] = m.kind
		}
		kind, name := anEmail, "mail"
		if newest.channel == state.BySMS {
			kind, name = aPhone, "sms"
		}
		out := object{{name, "{{" + b.names.of(kind, who) + "}}"}, {"want", kinds}}
		capture := make(map[string]any)
		for _, what := range []string{"code", "key", "disown"} {
			if variable := b.kept[part{newest, what}]; variable != "" {
				capture[variable] = name + "." + what
			}
		}
		if len(capture) > 0 {
			out = append(out, entry{"capture", capture})
		}
		b.out = append(b.out, out)
	}
}

// fill puts templates in the place of values.
func (b *builder) fill(i int, name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range sorted(v) {
			if one, isValue := v[key].(value); isValue && one.class == aRunsToken {
				continue // the player adds it
			}
			out[key] = b.fill(i, key, v[key])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for j, one := range v {
			out[j] = b.fill(i, name, one)
		}
		return out
	case value:
		return b.template(i, name, v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// template is what stands for a value in a story.
func (b *builder) template(i int, name string, v value) string {
	e := &b.story.exchanges[i]
	if text := faulty(name, e.answer.errors); text != "" {
		return text
	}
	switch v.class {
	case aPassword:
		if known := b.names.vars[v.id]; known != "" {
			return "{{" + known + "}}"
		}
		return "{{wrong " + b.names.right(e) + "}}"
	case aCode:
		return b.code(i, v)
	case aSecret:
		if known := b.names.vars[v.id]; known != "" {
			return "{{" + known + "}}"
		}
		return "{{wrong " + b.secret(e) + "}}"
	case aRefresh:
		return "{{refresh_token}}"
	case aCallback:
		return "http://localhost:3000/account/provider/callback"
	case aPasskey:
		return b.passkey(e, v)
	case anIDToken:
		return b.idToken(v)
	}
	return "{{" + b.names.of(v.class, v.id) + "}}"
}

// faulty is a value that is wrong in the way an answer says, where that is about how it
// is written.
func faulty(field string, errors []string) string {
	for _, e := range errors {
		about, code, _ := strings.Cut(e, ":")
		if about != field {
			continue
		}
		if strings.HasPrefix(code, "invalid") && (field == "phone" || field == "email") {
			return "not a " + field
		}
		if code == accounts.PasswordTooLong && strings.Contains(field, "password") {
			return "{{repeat x " + strconv.Itoa(accounts.MaxPasswordBytes+1) + "}}"
		}
		switch code {
		case "password_too_short":
			return "Ab1"
		case "password_too_common":
			return "password1"
		case "password_entirely_numeric":
			return "8273645190"
		case "password_too_similar":
			return "{{email.local}}"
		}
	}
	return ""
}

// code is a code or key: of a message, or of an authenticator.
func (b *builder) code(i int, v value) string {
	e := &b.story.exchanges[i]
	if aboutFactor(e) {
		return b.factor(e, v)
	}
	m := b.source(i, v)
	if m == nil {
		return "BCDF-GHJK"
	}
	what := m.brought(v.id)
	path := string(m.channel) + "." + what
	if kept := b.kept[part{m, what}]; kept != "" && b.read[m.channel] != m {
		path = kept
	}
	if !m.brings(v.id) {
		return "{{wrong " + path + "}}"
	}
	return "{{" + path + "}}"
}

// accounts are those there were before.
func (b *builder) accounts() any {
	var out []any
	for i, g := range b.story.accounts {
		one := make(map[string]any)
		set := func(is bool, name string, to any) {
			if is {
				one[name] = to
			}
		}
		set(len(g.emails) == 0, "email", "none")
		set(len(g.emails) > 0 && !g.verified, "verified", false)
		set(!g.password, "password", "none")
		set(g.username != "", "username", "true")
		set(g.phone != "", "phone", "true")
		set(g.phone != "" && !g.phoneVerified, "phone_verified", false)
		set(g.totp, "totp", true)
		set(g.codes, "recovery_codes", true)
		set(len(g.passkeys) > 0, "passkey", numbered("key", i))
		set(len(g.keys) > 0, "security_key", numbered("token", i))
		set(g.dropped, "disabled", true)
		set(len(g.attributes) > 0, "attributes", g.attributes)
		subs := make(map[string]any)
		for _, provider := range sorted(g.providers) {
			subs[provider] = fmt.Sprintf("{{%s}}", b.names.of(aSubject, g.providers[provider]))
		}
		set(len(subs) > 0, "provider", subs)
		out = append(out, one)
	}
	if len(out) == 1 {
		return out[0]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
