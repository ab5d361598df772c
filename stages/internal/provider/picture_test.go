package provider

import (
	"strings"
	"testing"
)

// TestPictureIsAURLToShow: nothing but a web address of a picture is handed to pages.
func TestPictureIsAURLToShow(t *testing.T) {
	long := "https://example.org/" + strings.Repeat("a", MaxPicture)
	for text, want := range map[string]string{
		"":                                   "",
		" https://example.org/a?b=c&d#e ":    "https://example.org/a?b=c&d#e",
		"http://example.org/a":               "http://example.org/a",
		"javascript:alert(1)":                "",
		"data:image/svg+xml,<svg/>":          "",
		"//example.org/a":                    "",
		"/a.png":                             "",
		"https://ann:secret@example.org/a":   "",
		"https:///a":                         "",
		"https://example.org/\"><script>":    "https://example.org/%22%3E%3Cscript%3E",
		"https://example.org/a\nb":           "",
		long:                                 "",
		strings.Repeat("https://a.b/%", 500): "",
	} {
		if got := pictureURL(text); got != want {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
}

// TestPictureThatIsPutTogether: a kind that says the parts of the URL.
func TestPictureThatIsPutTogether(t *testing.T) {
	o := object{"id": "1", "deep": map[string]any{"hash": "a/../b"}, "none": nil, "whole": "https://example.org/a"}
	for path, want := range map[string]string{
		"whole": "https://example.org/a", "absent": "", "": "",
		"https://cdn.example/{id}/{deep.hash}.png": "https://cdn.example/1/a%2F..%2Fb.png",
		"https://cdn.example/{id}/{none}.png":      "", // nobody's picture
	} {
		if got := o.filled(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
