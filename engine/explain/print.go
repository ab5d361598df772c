package explain

import (
	"fmt"
	"strings"
	"time"
)

// String is the run's story for people to read: a heading, one line for each stage it left,
// where it is now, and how it meets the rules of its end.
func (x Explanation) String() string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
	about := "nobody"
	if x.Account != "" {
		about = fmt.Sprintf("account %s", x.Account)
	}
	line("run %s", x.Run)
	line("%s, by %s, about %s", join(" (", string(x.Flow), x.Title, ")"), x.Client, about)
	line("from %s to %s", stamp(x.Started), stamp(x.Updated))
	if x.Older {
		line("it walked an older graph (%s): what is said of its stages is of the present one", x.Fingerprint)
	}
	line("")
	for _, s := range x.Steps {
		line("  %s", s)
	}
	line("  %s", x.place())
	if x.Now.State == "waiting" && !x.Deadline.IsZero() {
		line("    until %s", stamp(x.Deadline))
	}
	if len(x.Rules) > 0 {
		line("")
	}
	for _, r := range x.Rules {
		line("  %-10s %s", r.Proof, strings.TrimSpace(r.How+" "+by(r.By)))
	}
	return b.String()
}

func by(edge string) string {
	if edge == "" {
		return ""
	}
	return "by " + edge
}

// join puts the second text after the first, between marks, where there is one.
func join(open, first, second, end string) string {
	if second == "" {
		return first
	}
	return first + open + second + end
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// String is one sentence, without a full stop.
func (s Step) String() string { return string(s.Node) + " " + s.reason() }

// reason is the sentence without the name of the stage.
func (s Step) reason() string {
	text := fmt.Sprintf("left by %s: %s", s.Exit, s.Text)
	if s.Reason != "" && !strings.Contains(s.Text, string(s.Reason)) {
		text += " (" + string(s.Reason) + ")"
	}
	if s.Wrong > 0 {
		text += ", after " + counted(s.Wrong)
	}
	if len(s.Proves) > 0 {
		text += "; this proves " + listed(s.Proves)
	}
	if s.Asks != "" {
		text += "; so " + string(s.Asks) + " is asked"
	}
	if len(s.PassedOver) > 0 {
		text += "; so " + listed(s.PassedOver) + " is passed over"
	}
	return text
}

// counted is a number of wrong tries in words, empty for none.
func counted(wrong int) string {
	switch wrong {
	case 0:
		return ""
	case 1:
		return "1 wrong try"
	}
	return fmt.Sprintf("%d wrong tries", wrong)
}

// listed prints names: "a, b and c".
func listed[S ~string](names []S) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return string(names[0])
	}
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text[:len(text)-1], ", ") + " and " + text[len(text)-1]
}
