package disownpage

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
)

// Look is how the page looks: the way of the other pages of the site.
type Look struct {
	// Site is the name of the site, Logo a picture that stands there instead; nil is none.
	Site string
	Logo []byte
	// LogoType is svg or png.
	LogoType string
	// Styles are stylesheets, each laid over those before it.
	Styles [][]byte
}

// style is the whole stylesheet as it stands inside a document: it can end nothing of that, and
// is to the byte what a browser reads, which has no other ends of lines (HTML, section 13.2.3.5).
func (l Look) style() []byte {
	sheet := bytes.ReplaceAll(bytes.Join(l.Styles, []byte("\n")), []byte("</"), []byte(`<\/`))
	for _, other := range []string{"\r\n", "\r"} {
		sheet = bytes.ReplaceAll(sheet, []byte(other), []byte("\n"))
	}
	return bytes.ReplaceAll(sheet, []byte("\xef\xbb\xbf"), nil)
}

// logo is the picture as a URL of its own (RFC 2397), empty where there is none. What an SVG
// has of scripts does not run there.
func (l Look) logo() template.URL {
	if l.Logo == nil {
		return ""
	}
	kind := "image/png"
	if l.LogoType == "svg" {
		kind = "image/svg+xml"
	}
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(l.Logo))
}

// policy lets the page load nothing but what is inside it. A style is known by its hash (Content
// Security Policy Level 3, section 2.3.1).
func (l Look) policy(style []byte) string {
	sum := sha256.Sum256(style)
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if l.Logo != nil {
		policy += "; img-src data:"
	}
	return policy
}
