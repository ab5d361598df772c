package draw

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"sync"
)

// The fonts of PNGs, by which SVGs are measured, too. Their letters are as wide as those of
// Helvetica and of the fonts made to its measure, all but a few that are a little wider;
// every other font is bent to that measure where an SVG is shown (textLength). They are
// Go Regular and Go Bold (fonts.LICENSE), brought by TestGlyphs into the form that
// readFont reads, and read when the first picture is drawn.
var (
	//go:embed go-regular.gz
	regularFile []byte
	//go:embed go-bold.gz
	boldFile []byte

	regular = sync.OnceValues(func() (*typeface, error) { return readFont(regularFile) })
	bold    = sync.OnceValues(func() (*typeface, error) { return readFont(boldFile) })
)

// typeface is a font. Its lengths are half units of the font's own grid.
type typeface struct {
	em     int
	glyphs map[rune]glyph
}

// glyph is what a letter looks like; missing is the one for letters that a font lacks.
type glyph struct {
	advance int
	pieces  []stretch
}

const missing = rune(0)

// stretch is a move, a line or a quadratic curve, by the number of its points: 0 moves to
// to, 1 draws a line there, 2 a curve by way of by. The y axis points down.
type stretch struct {
	kind   uint64
	by, to [2]int
}

// readFont reads a font: the length of an em, then each glyph, by the letter's distance
// from the one before, its advance and its pieces, whose points are told by how far they
// are from the last. All numbers are varints.
func readFont(file []byte) (*typeface, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(z); err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	next := func() int {
		n, e := binary.ReadVarint(&plain)
		if e != nil {
			err = e
		}
		return int(n)
	}
	f := &typeface{em: next(), glyphs: make(map[rune]glyph)}
	var letter rune
	for left := next(); left > 0 && err == nil; left-- {
		letter += rune(next())
		g := glyph{advance: next()}
		var pen [2]int
		move := func() [2]int {
			pen[0] += next()
			pen[1] += next()
			return pen
		}
		for pieces := next(); pieces > 0 && err == nil; pieces-- {
			s := stretch{kind: uint64(next())}
			if s.kind == 2 {
				s.by = move()
			}
			s.to = move()
			g.pieces = append(g.pieces, s)
		}
		f.glyphs[letter] = g
	}
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	return f, nil
}

// face returns the font of a style.
func (s style) face() (*typeface, error) {
	if s.bold {
		return bold()
	}
	return regular()
}

// advance is how wide a glyph is, in 64ths of a pixel, where an em has so many pixels.
func (f *typeface) advance(g glyph, size int) int { return (g.advance*size*64 + f.em/2) / f.em }

// textWidth is how wide a text is in a style, in whole pixels. What the fonts lack is
// taken to be as wide as high, as it is in most scripts they lack.
func textWidth(text string, s style) int {
	width, _ := lengthOf(text, s)
	return (width + 63) / 64
}

// lengthOf is how wide a text is, in 64ths of a pixel, and whether the fonts have all of
// its letters, so that it is certain.
func lengthOf(text string, s style) (width int, certain bool) {
	f, err := s.face()
	if err != nil {
		return len(text) * s.size * 64, false
	}
	certain = true
	for _, r := range text {
		g, ok := f.glyphs[r]
		if ok {
			width += f.advance(g, s.size)
		} else {
			width += s.size * 64
		}
		certain = certain && ok
	}
	return width, certain
}

// written are the outlines of a text that begins at a point, and how wide it is as it is
// drawn.
func (f *typeface) written(text string, size int, at point) (polygons [][]point, width float64) {
	// The letters here are so small that a curve needs no more lines than this.
	const steps = 6
	unit := float64(size) / float64(f.em)
	for _, r := range text {
		g, ok := f.glyphs[r]
		if !ok {
			g = f.glyphs[missing]
		}
		place := func(p [2]int) point {
			return point{at.x + width + float64(p[0])*unit, at.y + float64(p[1])*unit}
		}
		for _, s := range g.pieces {
			last, to := len(polygons)-1, place(s.to)
			switch s.kind {
			case 0:
				polygons = append(polygons, []point{to})
			case 1:
				polygons[last] = append(polygons[last], to)
			default:
				from, by := polygons[last][len(polygons[last])-1], place(s.by)
				for i := 1; i <= steps; i++ {
					polygons[last] = append(polygons[last], quadratic(from, by, to, float64(i)/steps))
				}
			}
		}
		width += float64(f.advance(g, size)) / 64
	}
	return polygons, width
}
