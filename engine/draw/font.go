package draw

import (
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts of PNGs, by which SVGs are measured, too: they are a little wider than the
// sans-serif fonts that browsers use instead, so that what fits here fits there. They are
// read when the first picture is drawn.
var (
	regular = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(goregular.TTF) })
	bold    = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(gobold.TTF) })
)

// face returns the font of a style.
func (s style) face() (*sfnt.Font, error) {
	if s.bold {
		return bold()
	}
	return regular()
}

// textWidth is how wide a text is in a style, in whole pixels. What the fonts lack is
// taken to be as wide as high, as it is in most scripts they lack.
func textWidth(text string, s style) int {
	f, err := s.face()
	if err != nil {
		return len(text) * s.size
	}
	var buf sfnt.Buffer
	var sum fixed.Int26_6
	for _, r := range text {
		glyph, err := f.GlyphIndex(&buf, r)
		advance := fixed.I(s.size)
		if err == nil && glyph != 0 {
			if a, err := f.GlyphAdvance(&buf, glyph, fixed.I(s.size), font.HintingNone); err == nil {
				advance = a
			}
		}
		sum += advance
	}
	return sum.Ceil()
}
