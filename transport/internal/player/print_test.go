package player

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// results are one of each kind.
func results() []Result {
	story := func(name, proves string) *Story {
		return &Story{Name: name, File: "flows/" + name + ".yaml", Proves: proves, Profile: "codes"}
	}
	return []Result{
		{Play: Play{story("good", "All is well."), App}, Passed: true, Remarks: []string{"an older graph"}, Steps: []StepResult{
			{Path: "1.1", Line: 4, Label: "POST /auth/login", Summary: "401  pending code", Body: map[string]any{"status": 401}, Turns: []Turn{
				{Flow: "login", Marks: []string{"form/ok", "due/asked"}, Stage: "code"}, {Flow: "signup", Refused: true},
			}},
			{Path: "2", Line: 5, Label: "sleep", Note: "time passes"},
			{Path: "3", Line: 6, Label: "POST /auth/code", Summary: "200", Turns: []Turn{{Flow: "login", End: "session"}}},
		}},
		{Play: Play{story("bad", "Nothing is."), Browser}, Steps: []StepResult{
			{Path: "1", Line: 7, Label: "GET /x", Summary: "200", Faults: []Difference{{Where: "status", Want: "404", Got: "200"}, {Text: "it breaks off"}}},
		}},
		{Play: Play{story("trail", "The way matters."), Rest}, Steps: []StepResult{{Path: "1", Label: "GET /x", Summary: "200"}},
			Faults: []Difference{{Where: "trail 1", Text: "missing"}}},
		{Play: Play{story("far", "It takes long."), App}, Skipped: "not played here: it lets 2h pass"},
	}
}

func printed(p Printer) string {
	var b bytes.Buffer
	p.Out = &b
	for _, r := range results() {
		p.Print(r)
	}
	return b.String()
}

func TestPrintStories(t *testing.T) {
	const want = `good [app]  profile codes
  All is well.
    1.1  POST /auth/login  401  pending code  | login at code  | signup refused
      2  sleep
         time passes
      3  POST /auth/code   200  | login -> session
       note: an older graph
ok   good [app]

bad [browser]  profile codes
  Nothing is.
      1  GET /x  200
       ! status
           want 404
           got  200
       ! it breaks off
FAIL bad [browser]

trail [rest]  profile codes
  The way matters.
      1  GET /x  200
       ! trail 1: missing
FAIL trail [rest]

far [app]  profile codes
  It takes long.
skip far [app]: not played here: it lets 2h pass

`
	if got := printed(Printer{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPrintQuiet(t *testing.T) {
	const want = `ok   good [app]
       note: an older graph
FAIL bad [browser]
     flows/bad.yaml:7: step 1, GET /x
       ! status
           want 404
           got  200
       ! it breaks off
FAIL trail [rest]
     flows/trail.yaml
       ! trail 1: missing
skip far [app]: not played here: it lets 2h pass
`
	if got := printed(Printer{Quiet: true}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPrintVerbose adds the exits and the answers, and colours only what it is told to.
func TestPrintVerbose(t *testing.T) {
	got := printed(Printer{Verbose: true})
	for _, line := range []string{"         login: form/ok due/asked\n", "         {\"status\":401}\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("it is coloured, and nobody asked")
	}
	colored := printed(Printer{Verbose: true, Color: true})
	for _, part := range []string{"\x1b[32mok  \x1b[0m good", "\x1b[31mFAIL\x1b[0m bad", "want \x1b[32m404\x1b[0m", "got  \x1b[31m200\x1b[0m", "\x1b[33mskip\x1b[0m"} {
		if !strings.Contains(colored, part) {
			t.Errorf("%q is missing in\n%q", part, colored)
		}
	}
	plain := colored
	for _, code := range []string{red, green, yellow, bold, dim, "0"} {
		plain = strings.ReplaceAll(plain, "\x1b["+code+"m", "")
	}
	if plain != got {
		t.Error("colours change the words")
	}
}

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, results()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed, Failed, Skipped int
		Plays                   []struct {
			Name, File, Client, Profile, Proves, Outcome, Skipped string
			Remarks                                               []string
			Faults                                                []Difference
			Steps                                                 []struct {
				Step, Label, Saw string
				Line             int
				Turns            []struct {
					Flow, Stage, End string
					Marks            []string
					Refused          bool
				}
				Faults []Difference
			}
		}
	}
	dec := json.NewDecoder(&b)
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Passed != 1 || got.Failed != 2 || got.Skipped != 1 || len(got.Plays) != 4 {
		t.Fatalf("counts %+v", got)
	}
	good, bad := got.Plays[0], got.Plays[1]
	if good.Outcome != "passed" || good.Steps[0].Turns[0].Marks[1] != "due/asked" || !good.Steps[0].Turns[1].Refused || good.Steps[2].Turns[0].End != "session" || good.Remarks[0] != "an older graph" {
		t.Errorf("the good one: %+v", good)
	}
	if bad.Outcome != "failed" || bad.Steps[0].Faults[0].Want != "404" || bad.Steps[0].Line != 7 || bad.Proves != "Nothing is." {
		t.Errorf("the bad one: %+v", bad)
	}
	if got.Plays[2].Faults[0].Where != "trail 1" || got.Plays[3].Outcome != "skipped" || got.Plays[3].Skipped == "" {
		t.Errorf("the others: %+v", got.Plays[2:])
	}
}
