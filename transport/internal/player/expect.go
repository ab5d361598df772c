package player

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// expect holds what came of a step against what the story says of it.
func (p *play) expect(s *Step, got outcome) []Difference {
	if s.Mail != "" || s.SMS != "" {
		return p.expectMessages(s, got)
	}
	var out []Difference
	add := func(list ...Difference) { out = append(out, list...) }
	if s.Burst > 1 {
		if s.Want != nil {
			add(differing("statuses", texts(p.forClient(s.Want)), numbers(got.rec.Statuses))...)
		}
		return out
	}
	if want, said := p.forClient(s.Want).(int); said && want != got.reply.status {
		add(Difference{Where: "status", Want: itoa(want), Got: itoa(got.reply.status) + errorsIn(got.reply.body)})
	}
	if p.forClient(s.Want) == nil && p.story.recorded == nil && got.reply.status >= http.StatusInternalServerError {
		add(Difference{Where: "status", Text: itoa(got.reply.status) + errorsIn(got.reply.body) + ", which nobody wants unsaid"})
	}
	for _, list := range []struct {
		where string
		want  any
		got   func() []string
	}{
		{"pending", s.Pending, got.reply.pending}, {"flows", s.Flows, got.reply.flows}, {"errors", s.Errors, got.reply.errors},
	} {
		if want := p.forClient(list.want); want != nil {
			add(differing(list.where, texts(want), list.got())...)
		}
	}
	if want := p.forClient(s.Cookies); want != nil {
		add(expectCookies(texts(want), got.rec.Cookies)...)
	}
	c := p.client(s.As)
	if s.Answer != nil {
		want, err := p.fill(s.Answer, c)
		if err != nil {
			return append(out, failure(err))
		}
		add(compareWithin("answer", want, got.reply.body)...)
	}
	for _, name := range sorted(s.AnswerHeaders) {
		want, err := p.text(s.AnswerHeaders[name], c)
		if err != nil {
			return append(out, failure(err))
		}
		if has := got.reply.header.Get(name); has != want && (want != anyText || has == "") {
			add(Difference{Where: "header " + name, Want: orNothing(want), Got: orNothing(has)})
		}
	}
	if s.Location != "" {
		add(p.expectLocation(s, c)...)
	}
	return out
}

// anyText is what stands for any text but none.
const anyText = "*"

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// forClient is what is said for this kind of client, where it is said for each apart. A client
// that is not named has nothing said of it.
func (p *play) forClient(v any) any {
	each, ok := v.(map[string]any)
	if !ok {
		return v
	}
	return each[p.kind]
}

// texts are the words of a list, or the one word; none is no word.
func texts(v any) []string {
	out := []string{}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			out = append(out, fmt.Sprint(one))
		}
	default:
		if s := fmt.Sprint(v); s != "" && s != "none" {
			out = append(out, s)
		}
	}
	return out
}

func numbers(list []int) []string {
	out := []string{}
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// differing compares lists as sets that may hold a word twice.
func differing(where string, want, got []string) []Difference {
	want, got = slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	if slices.Equal(want, got) {
		return nil
	}
	return []Difference{{Where: where, Want: listed(want), Got: listed(got)}}
}

// expectCookies compares the cookies that changed: each is named, and may be followed by
// what became of it and by its attributes.
func expectCookies(want, got []string) []Difference {
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(g string) bool {
			name, _, _ := strings.Cut(w, " ")
			return g == w || strings.HasPrefix(g, w+" ") && (w != name || !strings.HasSuffix(g, " deleted"))
		})
		if i < 0 {
			return []Difference{{Where: "cookies", Want: listed(want), Got: listed(got)}}
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		return []Difference{{Where: "cookies", Want: listed(want), Got: listed(got)}}
	}
	return nil
}

// wantedKinds are the kinds of the messages that must have come: one of any kind where
// the story says nothing.
func wantedKinds(s *Step) []string {
	if s.Want == nil {
		return []string{anyText}
	}
	return texts(s.Want)
}

// expectMessages compares the kinds of messages, in the order they came. Where there is a
// recording and nothing said, the recording says it.
func (p *play) expectMessages(s *Step, got outcome) []Difference {
	if s.Want == nil && p.story.recorded != nil {
		return nil
	}
	want := wantedKinds(s)
	if slices.EqualFunc(want, got.kinds, func(w, g string) bool { return w == anyText || w == g }) {
		return nil
	}
	where := "mail"
	if s.SMS != "" {
		where = "sms"
	}
	return []Difference{{Where: where, Want: strings.ReplaceAll(listed(want), anyText, "one message"), Got: listed(got.kinds)}}
}

// expectLocation compares a redirect with an address or a path: what the query of that
// says must be there, and there may be more.
func (p *play) expectLocation(s *Step, c *client) []Difference {
	text, err := p.text(s.Location, c)
	if err != nil {
		return []Difference{failure(err)}
	}
	bad := []Difference{{Where: "location", Want: s.Location, Got: p.place(c.location)}}
	want, err := url.Parse(text)
	got, err2 := url.Parse(c.location)
	if err != nil || err2 != nil || c.location == "" {
		return bad
	}
	if text == "idp" {
		if p.locationOf(c.location).To != "idp" {
			return bad
		}
		return nil
	}
	if want.Path != got.Path || want.Host != "" && (want.Host != got.Host || want.Scheme != got.Scheme) {
		return bad
	}
	for name, values := range want.Query() {
		if !slices.Equal(got.Query()[name], values) {
			return bad
		}
	}
	return nil
}

// place is a redirect as it is shown: its values may differ from time to time.
func (p *play) place(to string) string {
	l := p.locationOf(to)
	if l == nil {
		return "nowhere"
	}
	if len(l.Query) == 0 {
		return l.To
	}
	return l.To + "?" + strings.Join(l.Query, "&")
}

// compareWithin lists where a value lacks what a part of it must hold. A type in angle brackets
// stands for any value of it, <any> for any at all, <absent> for a field that must not be
// there. Lists are compared element by element.
func compareWithin(where string, want, got any) []Difference {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []Difference{mismatch(where, want, got)}
		}
		var out []Difference
		for _, name := range sorted(w) {
			at := where + "." + name
			switch v, has := g[name]; {
			case w[name] == "<absent>" && has:
				out = append(out, Difference{Where: at, Text: "unexpected " + shown(v)})
			case w[name] == "<absent>":
			case !has:
				out = append(out, Difference{Where: at, Text: "missing, want " + shown(w[name])})
			default:
				out = append(out, compareWithin(at, w[name], v)...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []Difference{mismatch(where, want, got)}
		}
		var out []Difference
		for i := range w {
			out = append(out, compareWithin(where+"."+itoa(i), w[i], g[i])...)
		}
		return out
	}
	if want == "<any>" || want == typeOf(got) && want != nil || written(want) == written(got) {
		return nil
	}
	return []Difference{mismatch(where, want, got)}
}

// object is the answer, and the part of it that the headless contract calls data.
func (r *reply) object() (whole, data map[string]any) {
	whole, _ = r.body.(map[string]any)
	data, ok := whole["data"].(map[string]any)
	if !ok {
		data = whole
	}
	return whole, data
}

// pending are the flows that wait for the client, in either contract.
func (r *reply) pending() []string {
	out := []string{}
	whole, data := r.object()
	if id, ok := whole["flow"].(string); ok && whole["pending"] == true {
		return append(out, id)
	}
	list, _ := data["flows"].([]any)
	for _, one := range list {
		if f, ok := one.(map[string]any); ok && f["is_pending"] == true {
			out = append(out, fmt.Sprint(f["id"]))
		}
	}
	return out
}

// flows are the flows that an answer lists.
func (r *reply) flows() []string {
	out := []string{}
	_, data := r.object()
	list, _ := data["flows"].([]any)
	for _, one := range list {
		if f, ok := one.(map[string]any); ok {
			out = append(out, fmt.Sprint(f["id"]))
		}
	}
	return out
}

// errors are the errors of an answer, field:code, or the code alone for one that belongs
// to no field.
func (r *reply) errors() []string {
	out := []string{}
	whole, _ := r.object()
	if codes, ok := whole["codes"].(map[string]any); ok {
		for _, field := range sorted(codes) {
			list, _ := codes[field].([]any)
			for _, code := range list {
				out = append(out, fieldCode(strings.TrimPrefix(field, "__all__"), code))
			}
		}
		return out
	}
	list, _ := whole["errors"].([]any)
	for _, one := range list {
		e, _ := one.(map[string]any)
		field, _ := e["param"].(string)
		out = append(out, fieldCode(field, e["code"]))
	}
	return out
}

func fieldCode(field string, code any) string {
	if field == "" {
		return fmt.Sprint(code)
	}
	return field + ":" + fmt.Sprint(code)
}

// summary says in a few words what came of a step.
func (g outcome) summary(s *Step) string {
	switch {
	case !g.answered:
		return ""
	case s.Mail != "" || s.SMS != "":
		return listed(g.kinds)
	case s.Burst > 1 && g.rec.Allow != nil:
		return "each one of " + strings.Join(numbers(g.rec.Allow), ", ")
	case s.Burst > 1:
		return strings.Join(numbers(g.rec.Statuses), ", ")
	case g.reply == nil:
		return ""
	}
	parts := []string{itoa(g.reply.status)}
	if list := g.reply.pending(); len(list) > 0 {
		parts = append(parts, "pending "+listed(list))
	}
	if list := g.reply.errors(); len(list) > 0 {
		parts = append(parts, "errors "+listed(list))
	}
	if l := g.rec.Location; l != nil {
		to := l.To
		if to == "idp" {
			to = "the provider"
		}
		if len(l.Query) > 0 {
			to += "?" + strings.Join(l.Query, "&")
		}
		parts = append(parts, "to "+to)
	}
	return strings.Join(parts, "  ")
}
