package notify

import (
	"fmt"
	"strings"
	"testing"
)

const testDisown = "https://auth.acme.example/account/not-me?key=1.AAAADgAAAZsIZm7ZA2c"

// TestDisownStandsBehind: a program that reads the letter still finds first what the letter
// is for, and the link by which its reader disowns the account stands alone as well. A
// letter that has none says nothing of it.
func TestDisownStandsBehind(t *testing.T) {
	ts := testTemplates(t, testSite())
	for _, name := range []string{"email_confirmation", "email_confirmation_signup", "email_code"} {
		m := message(name)
		without, err := ts.Render(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(without.Text+without.HTML, "removed") {
			t.Errorf("%s offers what it has no link for:\n%s", name, without.Text)
		}
		m.Data["disown_url"] = testDisown
		r, err := ts.Render(m)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{testURL, testDisown}
		if m.Data["code"] != "" {
			want = want[1:]
		}
		if got := linkAlone.FindAllString(r.Text, -1); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: links alone on a line: %q, want %q", name, got, want)
		}
		if got := codesIn(r.Text); m.Data["code"] != "" && fmt.Sprint(got) != fmt.Sprint([]string{testCode}) {
			t.Errorf("%s: codes %q", name, got)
		}
		if !strings.Contains(r.HTML, `<a href="`+testDisown+`"`) {
			t.Errorf("%s: its page has no link to disown by:\n%s", name, r.HTML)
		}
		balanced(t, r.HTML)
		m.Data["disown_url"] = "javascript:alert(1)"
		if r, err = ts.Render(m); err != nil || strings.Contains(r.Text+r.HTML, "javascript") {
			t.Errorf("%s: a link that is none: %v\n%s", name, err, r.Text)
		}
	}
}
