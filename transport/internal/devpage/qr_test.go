package devpage

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"testing"

	"github.com/boombuler/barcode/qr"
	"pgregory.net/rapid"
)

// modules reads a drawing back: which modules are dark, without the quiet zone.
func modules(t *rapid.T, svg string) (dark map[[2]int]bool, size int) {
	var doc struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			D    string `xml:"d,attr"`
			Fill string `xml:"fill,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(doc.ViewBox, "0 0 %d %d", &size, &size); err != nil || len(doc.Paths) != 2 || doc.Paths[0].Fill != "#fff" {
		t.Fatalf("the drawing is %+v", doc)
	}
	dark = make(map[[2]int]bool)
	one := regexp.MustCompile(`^M(\d+) (\d+)h1v1h-1z`)
	for rest := doc.Paths[1].D; rest != ""; {
		m := one.FindStringSubmatch(rest)
		if m == nil {
			t.Fatalf("the path goes on with %.20q", rest)
		}
		var x, y int
		_, _ = fmt.Sscan(m[1], &x)
		_, _ = fmt.Sscan(m[2], &y)
		if x < 4 || y < 4 || x >= size-4 || y >= size-4 || dark[[2]int{x - 4, y - 4}] {
			t.Fatalf("a module at %d %d of %d", x, y, size)
		}
		dark[[2]int{x - 4, y - 4}] = true
		rest = rest[len(m[0]):]
	}
	return dark, size - 8
}

// TestQRDrawsTheCode reads drawings back and holds them against the encoder, and against
// what every QR code has: finder patterns in three corners.
func TestQRDrawsTheCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(1, 200, 400).Draw(t, "text")
		svg, err := qrSVG(text)
		if err != nil {
			t.Fatal(err)
		}
		dark, size := modules(t, svg)
		code, err := qr.Encode(text, qr.M, qr.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if size != code.Bounds().Dx() {
			t.Fatalf("%d modules wide, want %d", size, code.Bounds().Dx())
		}
		for y := range size {
			for x := range size {
				if v, _, _, _ := code.At(x, y).RGBA(); (v == 0) != dark[[2]int{x, y}] {
					t.Fatalf("module %d %d is wrong", x, y)
				}
			}
		}
		for _, corner := range [][2]int{{0, 0}, {size - 7, 0}, {0, size - 7}} {
			for i := range 7 {
				if !dark[[2]int{corner[0] + i, corner[1]}] || !dark[[2]int{corner[0], corner[1] + i}] {
					t.Fatalf("no finder pattern at %v", corner)
				}
			}
		}
	})
}
