package record

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// exchange is a request and what came of it.
type exchange struct {
	began, ended time.Time
	device       string
	kind         string
	method, path string
	// body is what was sent, redacted; nil for nothing. form says that it was a form, and
	// forged that a browser showed no token against forged requests.
	body         any
	form, forged bool
	// keyed says that the client has shown a key: a proof of an app, or the cookie that a browser
	// fetches by its key.
	keyed    bool
	answer   answer
	turns    []turn
	messages []message
	// account is the last one that a turn of the device was about, person the one that a
	// provider has named, nil where that is not known.
	account state.AccountID
	person  *claims
}

// answer is what is kept of an answer: what a replay is to see again.
type answer struct {
	status          int
	pending, errors []string
	// secret is where a TOTP secret stood, and codes where recovery codes; which, by hash:
	// secretID and recovery.
	secret, codes string
	secretID      string
	recovery      []string
	// options says that WebAuthn options came, redirect that the client was sent elsewhere.
	options, redirect bool
	// member says that the client is signed in, tokens are those it receives, and trust the
	// cookie that makes it a trusted one.
	member bool
	tokens []string
	trust  string
	// unproved says that the proof of the request was refused.
	unproved bool
}

// turn is one turn of a run.
type turn struct {
	run, flow, print string
	marks            []string
	end              string
	refused          bool
	account          state.AccountID
	created          bool
}

// message is a mail or text message: to whom, and what it brought, by hash.
type message struct {
	channel state.Channel
	to      string
	kind    string
	// disown is the key by which the reader of a sign-up's letter disowns it.
	code, key, disown string
}

// turnOf keeps of a turn what a replay shows of it, and not which it is about.
func turnOf(t engine.TurnEvent) (turn, bool) {
	if t.Run == nil {
		return turn{}, false
	}
	out := turn{run: t.Run.ID, flow: string(t.Flow), print: t.Fingerprint, end: string(t.End), account: state.AccountID(t.Subject)}
	for _, m := range t.Run.Trail[min(t.From, len(t.Run.Trail)):] {
		mark := string(m.Node) + "/" + string(m.Exit)
		// What decided may be somebody's where a stage of another package says it.
		if plainReason.MatchString(string(m.Reason)) {
			mark += ":" + string(m.Reason)
		}
		out.marks = append(out.marks, mark)
	}
	switch t.Outcome {
	case engine.Wrong, engine.Limited, engine.Conflict:
		out.refused = t.Started
	}
	for _, w := range t.Writes {
		if _, is := w.(state.CreateAccount); is {
			out.created = true
		}
	}
	return out, true
}

// messageOf keeps of a message its recipient and what it brought.
func (r redactor) messageOf(m state.Message) message {
	out := message{channel: m.Channel, kind: "notice", to: r.hash(anEmail, m.To)}
	if m.Channel == state.BySMS {
		out.to = r.hash(aPhone, m.To)
	}
	if key := m.Data["key"]; key != "" {
		out.kind, out.key = "link", r.hash(aCode, key)
	}
	if key := m.Data["disown_key"]; key != "" {
		out.disown = r.hash(aCode, key)
	}
	if code := m.Data["code"]; code != "" {
		out.kind, out.code = "code", r.hash(aCode, code)
	}
	return out
}

// brings reports whether the message brought the code or key.
func (m message) brings(id string) bool {
	return id != "" && (m.code == id || m.key == id || m.disown == id)
}

// brought is what the message brought, as stories call it: the code or key, or what else
// goes by that where it brought several.
func (m message) brought(id string) string {
	switch {
	case id != "" && m.disown == id:
		return "disown"
	case m.code != "":
		return "code"
	}
	return "key"
}

// answerOf reads an answer.
func (r redactor) answerOf(status int, header http.Header, raw []byte) answer {
	a := answer{status: status, redirect: header.Get("Location") != "", unproved: strings.Contains(header.Get("WWW-Authenticate"), `DPoP error="`)}
	for _, k := range (&http.Response{Header: header}).Cookies() {
		switch {
		case k.Value == "":
		case k.Name == "sessionid":
			a.tokens = append(a.tokens, k.Value)
		case k.Name == r.trust:
			a.trust = k.Value
		}
	}
	var body map[string]any
	if json.Unmarshal(raw, &body) != nil {
		return a
	}
	data, _ := body["data"].(map[string]any)
	meta, _ := body["meta"].(map[string]any)
	for _, part := range []map[string]any{body, data, meta} {
		for _, name := range []string{"session_token", "access_token", "refresh_token", "flow_token"} {
			if text, ok := part[name].(string); ok && text != "" {
				a.tokens = append(a.tokens, text)
			}
		}
		if part["creation_options"] != nil || part["request_options"] != nil {
			a.options = true
		}
	}
	a.member = meta["is_authenticated"] == true
	a.pending, a.errors = pendingIn(body, data), errorsIn(body)
	var secret any
	a.secret, secret = find(body, "last", func(name string, v any) bool { _, text := v.(string); return text && name == "secret" })
	if text, ok := secret.(string); ok {
		a.secretID = r.hash(aSecret, text)
	}
	var codes any
	a.codes, codes = find(body, "last", func(name string, v any) bool { _, list := v.([]any); return list && name == "unused_codes" })
	list, _ := codes.([]any)
	for _, code := range list {
		text, _ := code.(string)
		a.recovery = append(a.recovery, r.hash(aCode, text))
	}
	return a
}

// pendingIn are the flows that wait, in either contract.
func pendingIn(body, data map[string]any) []string {
	if id, ok := body["flow"].(string); ok && body["pending"] == true {
		return []string{id}
	}
	var out []string
	list, _ := data["flows"].([]any)
	for _, one := range list {
		f, _ := one.(map[string]any)
		if id, ok := f["id"].(string); ok && f["is_pending"] == true {
			out = append(out, id)
		}
	}
	return out
}

// errorsIn are the codes of what was wrong, field:code, in either contract.
func errorsIn(body map[string]any) []string {
	var out []string
	add := func(field, code any) {
		name, _ := field.(string)
		if text, ok := code.(string); ok && text != "" {
			out = append(out, strings.TrimPrefix(strings.TrimPrefix(name, "__all__")+":"+text, ":"))
		}
	}
	if codes, ok := body["codes"].(map[string]any); ok {
		for field, list := range codes {
			each, _ := list.([]any)
			for _, code := range each {
				add(field, code)
			}
		}
		slices.Sort(out)
		return out
	}
	list, _ := body["errors"].([]any)
	for _, one := range list {
		e, _ := one.(map[string]any)
		add(e["param"], e["code"])
	}
	return out
}

// find returns the path of the first value in an answer that is meant, and the value.
func find(v any, path string, is func(name string, v any) bool) (string, any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sorted(v) {
			at := path + "." + name
			if is(name, v[name]) {
				return at, v[name]
			}
			if found, value := find(v[name], at, is); found != "" {
				return found, value
			}
		}
	case []any:
		for i, one := range v {
			if found, value := find(one, path+"."+strconv.Itoa(i), is); found != "" {
				return found, value
			}
		}
	}
	return "", nil
}

// bodyOf reads what a request carries: JSON, or a form. ok is false for anything else,
// which could not be redacted.
func bodyOf(r *http.Request, raw []byte) (body any, form, ok bool) {
	text := bytes.TrimSpace(raw)
	if len(text) == 0 {
		return nil, false, true
	}
	// The contracts take JSON whatever it is called, as what curl sends by itself is.
	if text[0] != '{' && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		sent := r.Clone(r.Context())
		sent.Body = http.NoBody
		sent.URL.RawQuery = string(raw)
		fields := make(map[string]any)
		for name, list := range sent.URL.Query() {
			if name != "csrfmiddlewaretoken" {
				fields[name] = list[0]
			}
		}
		return fields, true, true
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&body) != nil {
		return nil, false, false
	}
	_, ok = body.(map[string]any)
	return body, false, ok
}
