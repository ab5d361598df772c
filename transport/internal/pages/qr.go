package pages

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"stagedoor/transport/internal/wire"
)

// qrPath is where QR codes are drawn.
const qrPath = "/_stagedoor/app/qr"

// maxQR is the most bytes a QR code is made of: what version 40 holds at level M
// (ISO/IEC 18004, table 7).
const maxQR = 2331

// picture is a path of SVG in a square of some units.
type picture struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// drawQR answers a QR code of the body. It takes a body, not a query, because what it draws is
// a secret.
func (p *Page) drawQR(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		p.Problem(w, r, wire.MethodNotAllowed(http.MethodPost))
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQR))
	if err != nil {
		p.Problem(w, r, wire.TooLarge(err))
		return
	}
	code, err := newPicture(string(text))
	if err != nil {
		p.Problem(w, r, wire.BadRequest(wire.CodeInvalid, err))
		return
	}
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(code)
}

// newPicture draws text as a QR code, one unit to a module, with the quiet zone of four modules
// around it (ISO/IEC 18004, section 5.3.8).
func newPicture(text string) (picture, error) {
	if text == "" {
		return picture{}, fmt.Errorf("qr code: nothing to draw")
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return picture{}, fmt.Errorf("qr code of %d bytes: %w", len(text), err)
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var dark strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && isDark(code.At(x, y)) {
				x++
			}
			if x > from {
				fmt.Fprintf(&dark, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return picture{Size: size + 2*quiet, Path: dark.String()}, nil
}

func isDark(c interface{ RGBA() (r, g, b, a uint32) }) bool {
	r, _, _, _ := c.RGBA()
	return r == 0
}
