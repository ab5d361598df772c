package record

import "strings"

// cut returns the story without the requests that a replay could not make, and says in
// words which those are.
func (s *story) cut() (*story, []string) {
	out := *s
	out.exchanges = nil
	var left []string
	options, keys := make(map[string]bool), make(map[string]bool)
	for _, g := range s.accounts {
		for _, id := range append(append([]string{}, g.passkeys...), g.keys...) {
			keys[id] = true
		}
	}
	for i := range s.exchanges {
		e := &s.exchanges[i]
		why := e.unplayable()
		walk("", e.body, func(_ string, v value) {
			if v.class != aPasskey || why != "" {
				return
			}
			switch {
			case !options[e.device]:
				why = "a credential that answers no options"
			case !v.key.made && !keys[v.id]:
				why = "a credential of somebody else"
			case e.moved():
				keys[v.id] = true
			case e.answer.status != 400:
				why = "a credential that nobody had asked for"
			}
		})
		options[e.device] = options[e.device] || e.answer.options
		if why != "" {
			left = append(left, e.method+" "+e.path+", "+why)
			continue
		}
		out.exchanges = append(out.exchanges, *e)
	}
	return &out, left
}

// moved reports whether a request was accepted: what it showed was right.
func (e *exchange) moved() bool {
	for _, t := range e.turns {
		if len(t.marks) > 0 {
			return true
		}
	}
	return e.answer.status < 300
}

// unplayable says why a replay could not make a request, or nothing.
func (e *exchange) unplayable() string {
	fields, _ := e.body.(map[string]any)
	switch {
	case e.answer.status >= 500:
		return "which failed"
	case e.answer.status == 410:
		return "whose token was gone"
	case e.path == callbackEnd && e.person == nil:
		return "by which a provider told of somebody who is not known here"
	case strings.Contains(e.path, "/providers/") && strings.Contains(e.path, "/callback"):
		return "by which a provider told of somebody who is not known here"
	case e.orphaned():
		return "which found no session, or nothing that waited"
	}
	for _, name := range []string{"id", "ids", "authenticators", "sessions"} {
		if _, is := fields[name]; is {
			return "which names an id that another server would not give"
		}
	}
	why := ""
	walk("", e.body, func(_ string, v value) {
		if v.class == anIDToken && e.answer.status == 400 && !e.moved() {
			why = "with a provider's token that was not good"
		}
	})
	return why
}

// orphaned reports whether a request found that its session, or its run, was over by what
// happened elsewhere.
func (e *exchange) orphaned() bool {
	if e.answer.status != 401 || len(e.answer.pending) > 0 || e.answer.member || e.method == "DELETE" || e.kind == "rest" {
		return false
	}
	for _, t := range e.turns {
		if len(t.marks) > 0 || t.end != "" {
			return false
		}
	}
	return true
}
