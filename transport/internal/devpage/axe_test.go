package devpage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestInspectorKeepsNobodyOut: axe-core finds nothing in any tab, beside the app and as the
// operators' page, at both widths, in light and dark.
func TestInspectorKeepsNobodyOut(t *testing.T) {
	suite.Require(t, "axe")
	b := suite.NewBrowser(t)
	project := suite.NewProject(t, "../../../testdata/generators/axe")
	project.NPM()
	axe, err := os.ReadFile(filepath.Join(project.Dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	l := suite.NewLab(t, development, suite.WithToken, func(c *config.Config, _ *server.Options) { c.Admin.Inspector = true })
	unfold := `((e) => e.hidden && ` + in(".fold") + `.click())(` + in(".body") + `)`
	for _, width := range []int64{1280, 390} {
		tab := b.Tab(t, l, width)
		tab.Axe = string(axe)
		tab.Do("a sign-up waits", open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`), press("Create account"),
			suite.Until(in("[data-next=link]")), chromedp.Evaluate[chromedp.Void](unfold+`; undefined`))
		for _, part := range []struct {
			tab  string
			done suite.Step
		}{
			{"flow", suite.Until(in("svg .draw-here"))},
			{"mail", chromedp.Steps(click(".letter summary"), suite.Until(in(".letter iframe")))},
			{"requests", chromedp.Steps(click(".call summary"), suite.Until(in(".call pre")))},
			{"passkeys", see("#view-passkeys", "no passkey yet")},
			{"devices", see("#view-devices", "session.device_bound is offer")},
			{"clock", see("#view-clock", "+1 hour")},
			{"diff", chromedp.Steps(click("#view-diff .main"), see(".result", "weaker"))},
			{"about", see("#view-about", "SQLite")},
		} {
			tab.Do("open "+part.tab, click("#tab-"+part.tab), part.done)
			tab.Look("inspector-" + part.tab)
		}
		tab.Do("the operators' page", open(l.Config.Origin()+"/admin/inspector"), suite.Until(in("#token")))
		tab.Look("operators-token")
		tab.Do("the token", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`%s.value = %q`, in("#token"), suite.AdminToken)), click("form button"), suite.Until(in("svg .draw-here")))
		tab.Look("operators-flow")
		tab.Do("another configuration", click("#tab-diff"), click("#view-diff .main"), see(".result", "weaker"))
		tab.Look("operators-diff")
	}
}
