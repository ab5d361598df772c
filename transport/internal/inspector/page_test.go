package inspector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/inspector"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// shown switches the operators' page on.
func shown(c *config.Config, o *server.Options) {
	suite.WithToken(c, o)
	c.Admin.Inspector = true
}

// TestPageForOperators is there for anybody, and holds nothing; what it asks is not.
func TestPageForOperators(t *testing.T) {
	l := suite.NewLab(t, shown, suite.ByCode)
	l.Member("app", "ada@example.com")
	files := []string{"admin.js", "admin.css", "panel.js", "panel.css", "draw.css", "flow.js", "compare.js", "icon.svg"}
	for _, path := range append([]string{"/admin/inspector"}, prefixed("/admin/inspector/", files)...) {
		w := l.Get("GET", l.Host(), path, "")
		if w.Code != 200 || strings.Contains(w.Body.String(), suite.AdminToken) {
			t.Errorf("%s: %d", path, w.Code)
		}
		if path == "/admin/inspector" && w.Header().Get("Content-Security-Policy") != inspector.Policy {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	if strings.Contains(inspector.Policy, "unsafe") {
		t.Errorf("the policy is %s", inspector.Policy)
	}
	for _, path := range []string{
		"GET /admin", "GET /admin/", "GET /admin/runs.json", "GET /admin/graph/login.svg", "POST /admin/diff", "GET /admin/inspector/",
		"GET /admin/inspector/admin.html", "GET /admin/inspector/x/y", "GET /admin/inspectors",
		"GET /admin/inspector/virtual.js", "GET /admin/inspector/mail.js", "GET /admin/inspector/clock.js", "GET /dev/runs.json", "GET /dev/clock.json",
	} {
		method, at, _ := strings.Cut(path, " ")
		if w := l.Get(method, l.Host(), at, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := l.Get("POST", l.Host(), "/admin/inspector", ""); w.Code == 200 {
		t.Errorf("POST: %d", w.Code)
	}
}

func prefixed(with string, names []string) []string {
	out := slices.Clone(names)
	for i := range out {
		out[i] = with + out[i]
	}
	return out
}

// in is an expression about what is inside the panel.
func in(selector string) string {
	return fmt.Sprintf(`(document.querySelector('stagedoor-inspector')?.shadowRoot?.querySelector(%q))`, selector)
}

// click presses what is inside the panel, once it is there.
func click(selector string) suite.Step {
	return suite.Until(fmt.Sprintf(`((e) => e && !e.click())(%s)`, in(selector)))
}

// see waits until what is inside the panel says something.
func see(selector, text string) suite.Step {
	return suite.Until(fmt.Sprintf(`%s?.textContent.includes(%q)`, in(selector), text))
}

// TestPageForOperatorsInABrowser: the token is asked for, then a run is shown in its graph with
// its reasons, and what another configuration would ask.
func TestPageForOperatorsInABrowser(t *testing.T) {
	l := suite.NewLab(t, shown, suite.ByCode)
	l.Member("app", "ada@example.com")
	w := suite.NewWindow(t, l)
	enter := func(token string) suite.Step {
		return chromedp.Steps(suite.Until(in("#token")), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`%s.value = %q`, in("#token"), token)), click("form button"))
	}
	write := func(text string) suite.Step {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`%s.value = %q`, in("#yaml"), text))
	}
	w.Do("the page asks for the token", chromedp.Navigate(l.Config.Origin()+"/admin/inspector"), suite.Until(in("#token")))
	w.Do("a wrong one is told", enter("not-the-token"), see("#token-fault", "That is not the token"))
	w.Do("and what is none at all", enter("nö"), see("#token-fault", "no token"))
	w.Do("the right one shows the latest run", enter(suite.AdminToken), see(".where", "Ended at session"), suite.Until(in("svg [data-node=session] .draw-here")))
	w.Do("with the way it took", see(".steps li", "signup form"), see(".rules", "email"))
	w.Do("a stage says why", chromedp.Evaluate[chromedp.Void](in("svg [data-node=email_due]")+`.dispatchEvent(new FocusEvent('focus'))`), see(".reason", "email_due"), see(".reason", "step"))
	w.Do("and so does the list", suite.Until(in(".steps li.marked[data-node=email_due]")))
	w.Do("another configuration", click("#tab-diff"), write("account: {login_by_code_enabled: true}"), click("#view-diff .main"), see(".result", "weaker"), see(".result", "account.login_by_code_enabled"))
	w.Do("one that is wrong", write("mfa: {trust_enbled: true}"), click("#view-diff .main"), see(".result .fault", "did you mean mfa.trust_enabled"))
	w.Whole()
	w.Do("the tab keeps the token", chromedp.Navigate(l.Config.Origin()+"/admin/inspector"), see(".where", "Ended at session"))
	w.Do("until it is to be forgotten", click("header .fold"), suite.Until(in("#token")))
	if got := w.Ask(`[sessionStorage.length, JSON.stringify(localStorage)]`); !strings.HasPrefix(got, "[0,") || strings.Contains(got, suite.AdminToken) {
		t.Errorf("what is kept: %s", got)
	}
}
