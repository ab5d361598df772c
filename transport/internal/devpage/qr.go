package devpage

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// maxQR is the most bytes a QR code is made of: what version 40 holds at level M
// (ISO/IEC 18004, table 7).
const maxQR = 2331

// drawQR answers a QR code of the body as SVG. It takes a body, not a query, because
// what it draws is a secret.
func drawQR(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQR))
	if err != nil {
		headless.WriteProblem(w, r, wire.BadRequest(wire.CodeTooLarge, err))
		return
	}
	svg, err := qrSVG(string(text))
	if err != nil {
		headless.WriteProblem(w, r, wire.BadRequest(wire.CodeInvalid, err))
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = io.WriteString(w, svg)
}

// qrSVG draws text as a QR code, black on white in any colour scheme, one unit to a
// module, with the quiet zone of four modules around it (ISO/IEC 18004, section 5.3.8).
func qrSVG(text string) (string, error) {
	if text == "" {
		return "", fmt.Errorf("qr code: nothing to draw")
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("qr code of %d bytes: %w", len(text), err)
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var dark strings.Builder
	for y := range size {
		for x := range size {
			if v, _, _, _ := code.At(x, y).RGBA(); v == 0 {
				fmt.Fprintf(&dark, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%s"/></svg>`, size+2*quiet, dark.String()), nil
}
