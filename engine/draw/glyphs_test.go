package draw

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"image"
	"math"
	"os"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the fonts")

// sources are the fonts in their own form, by the file that is made of them.
func sources() map[string][]byte {
	return map[string][]byte{"go-regular.gz": goregular.TTF, "go-bold.gz": gobold.TTF}
}

// packed is a font as readFont reads it.
func packed(t *testing.T, ttf []byte) []byte {
	t.Helper()
	f, err := opentype.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	var plain []byte
	put := func(n int) { plain = binary.AppendVarint(plain, int64(n)) }
	put(2 * int(f.UnitsPerEm()))
	var buf sfnt.Buffer
	letters := []rune{missing}
	for r := rune(1); r < 0x20000; r++ {
		if i, err := f.GlyphIndex(&buf, r); err == nil && i != 0 {
			letters = append(letters, r)
		}
	}
	put(len(letters))
	last := rune(0)
	for _, r := range letters {
		put(int(r - last))
		last = r
		putGlyph(t, f, r, put)
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func putGlyph(t *testing.T, f *sfnt.Font, r rune, put func(int)) {
	t.Helper()
	var buf sfnt.Buffer
	i := sfnt.GlyphIndex(0)
	if r != missing {
		i, _ = f.GlyphIndex(&buf, r)
	}
	em := fixed.I(int(f.UnitsPerEm())) // one pixel for each unit: nothing is rounded
	advance, err := f.GlyphAdvance(&buf, i, em, font.HintingNone)
	if err != nil {
		t.Fatal(err)
	}
	put(int(advance) / 32)
	segments, err := f.LoadGlyph(&buf, i, em, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(len(segments))
	var pen fixed.Point26_6
	for _, s := range segments {
		n := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 0, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2}[s.Op]
		put(n)
		for _, p := range s.Args[:max(1, n)] {
			if p.X%32 != 0 || p.Y%32 != 0 {
				t.Fatalf("%q has a point off the grid: %v", r, p)
			}
			put(int(p.X-pen.X) / 32)
			put(int(p.Y-pen.Y) / 32)
			pen = p
		}
	}
}

// TestGlyphs: the fonts here are those of golang.org/x/image, which a program need not
// download for them. -update makes them.
func TestGlyphs(t *testing.T) {
	for name, ttf := range sources() {
		want := packed(t, ttf)
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(unpacked(t, got), unpacked(t, want)) {
			t.Errorf("%s is not what is made of the font; go test ./engine/draw -run TestGlyphs -update", name)
		}
	}
}

func unpacked(t *testing.T, file []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadFontRefuses(t *testing.T) {
	for _, file := range [][]byte{nil, []byte("no gzip"), regularFile[:len(regularFile)/2]} {
		if f, err := readFont(file); err == nil || f != nil {
			t.Errorf("half a font of %d bytes is read", len(file))
		}
	}
}

// TestRaster holds coverage against that of golang.org/x/image for any polygons, on a
// canvas that is wide enough for it to reckon exactly.
func TestRaster(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		const wide = 600
		w, h := rapid.IntRange(1, 12).Draw(r, "w"), rapid.IntRange(1, 12).Draw(r, "h")
		// Corners lie on a grid that float32, with which it reckons, has room for.
		const grid = 64
		x, y := rapid.IntRange(0, w*grid), rapid.IntRange(0, h*grid)
		corner := rapid.Custom(func(r *rapid.T) point {
			return point{float64(x.Draw(r, "x")) / grid, float64(y.Draw(r, "y")) / grid}
		})
		pts := rapid.SliceOfN(corner, 1, 7).Draw(r, "polygon")
		ours, theirs := newRaster(w, h), vector.NewRasterizer(wide, h)
		ours.polygon(pts)
		for i, p := range pts {
			if i == 0 {
				theirs.MoveTo(float32(p.x), float32(p.y))
			} else {
				theirs.LineTo(float32(p.x), float32(p.y))
			}
		}
		theirs.ClosePath()
		want := image.NewAlpha(image.Rect(0, 0, wide, h))
		theirs.Draw(want, want.Rect, image.Opaque, image.Point{})
		for i, got := range ours.mask().Pix {
			if want := want.AlphaAt(i%w, i/w).A; math.Abs(float64(got)-float64(want)) > 2 {
				r.Fatalf("pixel %d of %dx%d is covered by %d, want %d: %v", i, w, h, got, want, pts)
			}
		}
	})
}
