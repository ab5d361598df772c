package explain_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/engine/explain"
)

// handler accepts everything; what is explained has happened already.
type handler struct{}

func (handler) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{}, nil
}

// graph is a way in with words for some of its reasons, and none for others.
func graph() engine.Graph {
	code := engine.Stage{
		ID: "code", Kind: engine.Asks, Wire: "code", Title: "the code of the app", Tries: 3,
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}}, "away": {}},
		Fields: []engine.Field{{Name: "code", Type: engine.CodeIn, Required: true, Help: "six digits"}, {Name: "note", Type: engine.Text}},
	}
	due := func(id engine.StageID, exits engine.Exits, because map[engine.Reason]string) engine.Stage {
		return engine.Stage{ID: id, Kind: engine.Decides, Title: "is a code due?", Exits: exits, Reads: []string{"SecondFactor"}, Because: because}
	}
	return engine.Graph{
		Flow: "login", Title: "come in", Start: "form", Slot: engine.SlotLogin, Lifetime: time.Hour,
		Nodes: engine.Nodes{
			"form": {Stage: engine.Stage{ID: "form", Kind: engine.Asks, Title: "name and password", Exits: engine.Exits{
				engine.OK: {Binds: true, Proves: []engine.Proof{engine.Subject, engine.Active, engine.First}}, "unknown": {Pretends: engine.OK},
			}}, Next: engine.Next{engine.OK: "network", "unknown": "pretend"}},
			"pretend": {Stage: engine.Stage{ID: "pretend", Kind: engine.Asks, Pretending: true, Exits: engine.Exits{engine.Spent: {}}}, Next: engine.Next{engine.Spent: "done"}},
			"network": {Stage: due("acme.network", engine.Exits{"known": {}, "new": {}}, map[engine.Reason]string{
				"seen": "the network was seen {value} times",
			}), Next: engine.Next{"known": "due", "new": "code"}},
			"due": {Stage: due("due", engine.Exits{"due": {}, "none": {}}, map[engine.Reason]string{
				"factor=none": "there is no second factor", "factor": "there is a factor", "due": "never reached",
			}), Next: engine.Next{"due": "code", "none": "session"}},
			"code": {Stage: code, Next: engine.Next{engine.OK: "session", "away": "done"}},
			"done": {Stage: engine.Stage{ID: "done", Kind: engine.Ends, Title: "over"}},
			"session": {Stage: engine.Stage{ID: "session", Kind: engine.Ends, Grants: true, Title: "signed in"}, Rules: []engine.Rule{
				{Proof: engine.Subject}, {Proof: engine.Active}, {Proof: engine.First},
				{Proof: engine.Second, WaivedBy: []engine.Edge{{Node: "due", Exit: "none"}}},
			}},
		},
	}
}

func compiled(t *testing.T) *engine.Flows {
	t.Helper()
	decide := engine.DecideFunc(func(engine.Facts) (engine.Exit, engine.Reason) { return "none", "" })
	network := engine.DecideFunc(func(engine.Facts) (engine.Exit, engine.Reason) { return "known", "" })
	flows, err := engine.Compile(engine.Set{
		Graphs:   []engine.Graph{graph()},
		Handlers: map[engine.StageID]engine.Handler{"form": handler{}, "code": handler{}},
		Deciders: map[engine.StageID]engine.Decider{"due": decide, "acme.network": network},
	})
	if err != nil {
		t.Fatal(err)
	}
	return flows
}

var began = time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)

// kept is a run with the trail, standing at a node.
func kept(t *testing.T, flows *engine.Flows, trail string, change func(*explain.Run)) explain.Run {
	t.Helper()
	r := explain.Run{
		ID: "r1", Account: "7", Flow: "login", Fingerprint: flows.Flow("login").Fingerprint, Client: "app",
		Started: began, Updated: began.Add(time.Second), Deadline: began.Add(time.Hour),
	}
	if err := r.Trail.UnmarshalText([]byte(trail)); err != nil {
		t.Fatal(err)
	}
	change(&r)
	return r
}

// TestStories explains runs in every state they can be in.
func TestStories(t *testing.T) {
	flows := compiled(t)
	const head = "run r1\nlogin (come in), by app, about account 7\nfrom 2031-05-17 12:00:00Z to 2031-05-17 12:00:01Z\n"
	const form = `  form left by ok: "name and password" was answered, and accepted; this proves subject, active and first` + "\n"
	for _, c := range []struct {
		name, trail string
		change      func(*explain.Run)
		now         time.Duration
		want        string
	}{
		{"signed in, a factor waived", "form/ok;network/known:seen=3;due/none:factor=none",
			func(r *explain.Run) { r.Node, r.Over = "session", explain.Reached }, 0, head + "\n" + form +
				"  network left by known: the network was seen 3 times (seen=3); so code is passed over\n" +
				"  due left by none: there is no second factor (factor=none); so code is passed over\n" +
				"  ended at session (signed in)\n\n" +
				"  subject    proved by form.ok\n  active     proved by form.ok\n  first      proved by form.ok\n  second     waived by due.none\n"},
		{"signed in, a factor shown", "form/ok;network/known:elsewhere;due/due:factor=totp;code/ok",
			func(r *explain.Run) {
				r.Node, r.Over, r.Wrong = "session", explain.Reached, map[engine.NodeID]int{"code": 1}
			}, 0, head + "\n" + form +
				`  network left by known: the answer to "is a code due?" was known, because of elsewhere; so code is passed over` + "\n" +
				"  due left by due: there is a factor (factor=totp); so code is asked\n" +
				`  code left by ok: "the code of the app" was answered, and accepted, after 1 wrong try; this proves second` + "\n" +
				"  ended at session (signed in)\n\n" +
				"  subject    proved by form.ok\n  active     proved by form.ok\n  first      proved by form.ok\n  second     proved by code.ok\n"},
		{"waits", "form/ok;network/new",
			func(r *explain.Run) { r.Node, r.Wrong = "code", map[engine.NodeID]int{"code": 2} }, 0, head + "\n" + form +
				`  network left by new: the answer to "is a code due?" was new; so code is asked` + "\n" +
				"  waits at code (the code of the app), after 2 wrong tries of 3; it wants code (six digits), note; it goes on by away, or by ok, which proves second\n" +
				"    until 2031-05-17 13:00:00Z\n\n" +
				"  subject    proved by form.ok\n  active     proved by form.ok\n  first      proved by form.ok\n  second     open\n"},
		{"out of time", "form/ok;network/new", func(r *explain.Run) { r.Node = "code" }, time.Hour, head + "\n" + form +
			`  network left by new: the answer to "is a code due?" was new; so code is asked` + "\n" +
			"  waited at code (the code of the app) until its time was over, or until another run took its place\n\n" +
			"  subject    proved by form.ok\n  active     proved by form.ok\n  first      proved by form.ok\n  second     open\n"},
		{"tries used up", "form/ok;network/new",
			func(r *explain.Run) {
				r.Node, r.Over, r.Wrong = "code", explain.Spent, map[engine.NodeID]int{"code": 3}
			}, 0, head + "\n" + form +
				`  network left by new: the answer to "is a code due?" was new; so code is asked` + "\n" +
				"  ended at code (the code of the app): the tries there are used up, after 3 wrong tries of 3\n"},
		{"not begun", "",
			func(r *explain.Run) {
				r.Node, r.Over, r.Account, r.Why = "form", explain.Refused, "", "no key of the issuer has signed it"
			}, 0, strings.Replace(head, "account 7", "nobody", 1) + "\n" +
				"  refused at form (name and password), and not begun; the last answer was refused: no key of the issuer has signed it\n"},
		{"about nobody", "form/unknown",
			func(r *explain.Run) { r.Node, r.As, r.Account = "pretend", "code", "" }, 0,
			strings.Replace(head, "account 7", "nobody", 1) + "\n" +
				"  form left by unknown: nobody it could be about was found, and nobody is to notice: the run goes on without an account, and leads nowhere\n" +
				"  waits at code (the code of the app); it is about nobody and only looks as if: no answer is right; it wants code (six digits), note\n" +
				"    until 2031-05-17 13:00:00Z\n\n" +
				"  subject    open\n  active     open\n  first      open\n  second     open\n"},
		{"withdrawn", "form/ok", func(r *explain.Run) { r.Node, r.Over = "form", explain.Withdrawn }, 0, head + "\n" + form +
			"  ended at form (name and password): the account has changed since the run began, or may not sign in any more\n"},
		{"of an older graph", "form/ok;gone/no:acme.why=9;due/none:factor=none",
			func(r *explain.Run) { r.Node, r.Over, r.Fingerprint = "session", explain.Reached, "00000000" }, 0, head +
				"it walked an older graph (00000000): what is said of its stages is of the present one\n\n" + form +
				"  gone left by no: because of acme.why=9\n" +
				"  due left by none: there is no second factor (factor=none)\n" +
				"  ended at session (signed in)\n"},
		{"of a flow that is gone", "form/ok", func(r *explain.Run) { r.Flow, r.Node, r.Over = "past", "end", explain.Reached }, 0,
			"run r1\npast, by app, about account 7\nfrom 2031-05-17 12:00:00Z to 2031-05-17 12:00:01Z\n" +
				"it walked an older graph (" + flows.Flow("login").Fingerprint + "): what is said of its stages is of the present one\n\n" +
				"  form left by ok: no reason was kept\n  ended at end\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explain.Explain(flows, kept(t, flows, c.trail, c.change), began.Add(c.now)).String()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestJSON: what a program reads has the facts by name, and no null for a list it walks.
func TestJSON(t *testing.T) {
	flows := compiled(t)
	x := explain.Explain(flows, kept(t, flows, "form/ok;network/known:seen=3;due/due:factor=totp", func(r *explain.Run) { r.Node = "code" }), began)
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"run":"r1","account":7,"flow":"login"`, `"older_graph":false`,
		`{"node":"due","kind":"decides","exit":"due","reason":"factor=totp","evidence":"totp","text":"there is a factor","asks":"code"}`,
		`"now":{"state":"waiting","node":"code"`, `"wants":[{"name":"code","required":true,"help":"six digits"},{"name":"note"}]`,
		`{"proof":"second","how":"open"}`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
	empty, err := json.Marshal(explain.Explain(flows, kept(t, flows, "", func(r *explain.Run) { r.Node = "form" }), began))
	if err != nil || !strings.Contains(string(empty), `"steps":[]`) {
		t.Errorf("%s, %v", empty, err)
	}
}
