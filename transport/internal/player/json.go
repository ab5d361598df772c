package player

import (
	"encoding/json"
	"io"
)

// report is results as programs read them.
type report struct {
	Passed  int          `json:"passed"`
	Failed  int          `json:"failed"`
	Skipped int          `json:"skipped"`
	Plays   []playReport `json:"plays"`
}

type playReport struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Client  string `json:"client"`
	Profile string `json:"profile"`
	Proves  string `json:"proves"`
	// Outcome is passed, failed or skipped; Skipped says why.
	Outcome string       `json:"outcome"`
	Skipped string       `json:"skipped,omitempty"`
	Remarks []string     `json:"remarks,omitempty"`
	Steps   []stepReport `json:"steps"`
	Faults  []Difference `json:"faults,omitempty"`
}

type stepReport struct {
	Step    string       `json:"step"`
	Line    int          `json:"line"`
	Label   string       `json:"label"`
	Summary string       `json:"saw,omitempty"`
	Body    any          `json:"body,omitempty"`
	Turns   []turnReport `json:"turns,omitempty"`
	Faults  []Difference `json:"faults,omitempty"`
}

type turnReport struct {
	Flow  string   `json:"flow"`
	Print string   `json:"print"`
	Marks []string `json:"marks,omitempty"`
	Stage string   `json:"stage,omitempty"`
	End   string   `json:"end,omitempty"`
	// Refused says that the run never began.
	Refused bool `json:"refused,omitempty"`
}

// WriteJSON writes results for programs. Nothing in it differs from one time to the next
// where the stories and the server are the same.
func WriteJSON(w io.Writer, results []Result) error {
	var t Tally
	out := report{Plays: []playReport{}}
	for _, r := range results {
		t.Add(r)
		out.Plays = append(out.Plays, r.report())
	}
	out.Passed, out.Failed, out.Skipped = t.Passed, t.Failed, t.Skipped
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func (r Result) report() playReport {
	s := r.Play.Story
	out := playReport{
		Name: s.Name, File: s.File, Client: r.Play.Client, Profile: s.Profile, Proves: s.Proves,
		Outcome: "failed", Skipped: r.Skipped, Remarks: r.Remarks, Steps: []stepReport{}, Faults: r.Faults,
	}
	switch {
	case r.Skipped != "":
		out.Outcome = "skipped"
	case r.Passed:
		out.Outcome = "passed"
	}
	for _, m := range r.Steps {
		one := stepReport{Step: m.Path, Line: m.Line, Label: m.Label, Summary: m.Summary, Body: m.Body, Faults: m.Faults}
		for _, t := range m.Turns {
			one.Turns = append(one.Turns, turnReport{Flow: t.Flow, Print: t.Print, Marks: t.Marks, Stage: t.Stage, End: t.End, Refused: t.Refused})
		}
		out.Steps = append(out.Steps, one)
	}
	return out
}
