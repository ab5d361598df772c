package devpage_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/engine/draw"
	"stagedoor/transport/internal/suite"
)

// TestPicturesInAnyFont: every text of a picture is as wide as the picture has room for,
// whatever font a browser has to show it in; letters may lean over their own width a little.
func TestPicturesInAnyFont(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	w := suite.NewWindow(t, l)
	for _, narrow := range []bool{false, true} {
		var b bytes.Buffer
		if err := draw.SVG(&b, l.Flows().Flow("login").Graph, draw.Options{Narrow: narrow}); err != nil {
			t.Fatal(err)
		}
		w.Do("a picture opens", chromedp.Navigate("data:image/svg+xml;base64,"+base64.StdEncoding.EncodeToString(b.Bytes())))
		for _, family := range []string{"there is no such font", "serif", "sans-serif", "monospace"} {
			w.Do(family+" keeps the shape", suite.Until(widths(family, "texts.length > 40 && texts.every((one) => Math.abs(one.wide - one.room) < 3)")))
		}
	}
	// The font would burst the picture, were it not bent.
	w.Do("what is not bent is too wide", suite.Until(`document.querySelectorAll('text').forEach((text) => text.removeAttribute('textLength')) || true`),
		suite.Until(widths("monospace", "texts.length > 40 && texts.some((one) => one.wide - one.room > 10)")))
}

// widths is a condition on how wide texts are in a font, and what room they have.
func widths(family, condition string) string {
	return fmt.Sprintf(`(() => {
		const texts = [...document.querySelectorAll('text')].map((text) => {
			text.dataset.room ||= text.getAttribute('textLength');
			text.style.setProperty('font-family', %q);
			return { wide: text.getBBox().width, room: Number(text.dataset.room) };
		});
		return %s;
	})()`, family, condition)
}
