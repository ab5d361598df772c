package config

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"stagedoor/transport/internal/plaintext"
)

// Hosted is about the pages that the server has itself, see [Config.Serve]. Paths of files are
// relative to the working directory.
type Hosted struct {
	// Title is the name of the site, at the top of every page; empty is mfa.totp_issuer or the
	// host of the public URL.
	Title string `koanf:"title"`
	// Logo is the path of an SVG or PNG file that stands there instead, of at most 64 KiB.
	Logo string `koanf:"logo"`
	// CSS is the path of a stylesheet of at most 64 KiB that is laid over the pages' own: it
	// changes variables such as --accent.
	CSS string `koanf:"css"`
	// Texts is the path of a YAML or JSON file of at most 256 KiB with words for keys, which
	// replace the pages' own.
	Texts string `koanf:"texts"`
	// AfterLogin is where people go who have signed in and came from nowhere else: a path, or
	// a URL of an origin that is trusted. Empty is the overview of their account.
	AfterLogin string `koanf:"after_login"`
}

// Theme is the look and the words of the server's own pages, as read from files.
type Theme struct {
	// Logo is a picture, LogoType svg or png; nil is none.
	Logo     []byte
	LogoType string
	// CSS is a stylesheet, nil is none.
	CSS []byte
	// Texts are words by the keys of the pages.
	Texts map[string]string
}

// The sizes of files of a theme, in bytes.
const (
	maxLogo  = 64 << 10
	maxCSS   = 64 << 10
	maxTexts = 256 << 10
)

// PagesTitle is the name of the site on the server's own pages.
func (c Config) PagesTitle() string { return cmp.Or(c.Hosted.Title, c.Issuer()) }

// hosted checks the pages of the server's own, but for their files.
func (k *checker) hosted() {
	h := k.c.Hosted
	if h.Title != "" && plaintext.Line(h.Title, 60) != h.Title {
		k.wrong("pages.title", "not a line of at most 60 characters", h.Title, "it stands at the top of every page")
	}
	if h.AfterLogin == "" || k.lost {
		return
	}
	u, err := url.Parse(h.AfterLogin)
	switch path := strings.HasPrefix(h.AfterLogin, "/") && !strings.HasPrefix(h.AfterLogin, "//"); {
	case err != nil || strings.ContainsAny(h.AfterLogin, "\\\t\r\n\x00") || !path && (u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil):
		k.wrong("pages.after_login", "not an http or https URL or a path", h.AfterLogin, "such as https://app.example.com/home")
	case !path && !slices.Contains(k.c.TrustedOrigins(), u.Scheme+"://"+strings.ToLower(u.Host)):
		k.wrong("pages.after_login", "of an origin that is not trusted", h.AfterLogin, "add "+u.Scheme+"://"+u.Host+" to csrf_trusted_origins")
	}
}

// Theme reads the files of the server's own pages. keys are those that texts can have; others
// begin with step. or field. and are of a program's own stages, or with error. and are what is
// said of an error code instead of the server's words. Its errors are Faults.
func (c Config) Theme(keys []string) (Theme, error) {
	var t Theme
	k := checker{c: c}
	if body := k.file("pages.logo", c.Hosted.Logo, maxLogo); body != nil {
		t.Logo, t.LogoType = body, k.picture(body)
	}
	if t.CSS = k.file("pages.css", c.Hosted.CSS, maxCSS); t.CSS != nil {
		k.stylesheet(t.CSS)
	}
	if body := k.file("pages.texts", c.Hosted.Texts, maxTexts); body != nil {
		t.Texts = k.texts(body, keys)
	}
	if err := k.faults.orNil(); err != nil {
		return Theme{}, err
	}
	return t, nil
}

// file reads a file, nil where there is none to read.
func (k *checker) file(key, path string, most int64) []byte {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		k.wrong(key, "cannot be read", path, "a path relative to the working directory; "+reason(err))
		return nil
	case !info.Mode().IsRegular():
		k.wrong(key, "not a file", path, "a path relative to the working directory")
		return nil
	case info.Size() > most || info.Size() == 0:
		k.wrong(key, "out of range", path, fmt.Sprintf("the file has %d bytes, from 1 to %d it may have", info.Size(), most))
		return nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		k.wrong(key, "cannot be read", path, reason(err))
		return nil
	}
	return body
}

// picture tells the type of a picture: svg or png.
func (k *checker) picture(body []byte) string {
	path := k.c.Hosted.Logo
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case ext == ".png" && bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case ext == ".svg" && bytes.Contains(body, []byte("<svg")) && utf8.Valid(body):
		return "svg"
	}
	k.wrong("pages.logo", "not an SVG or PNG picture", path, "its name ends in .svg or .png, and so is what is in it")
	return ""
}

// stylesheet wants one that asks for nothing elsewhere: browsers would not load it.
func (k *checker) stylesheet(body []byte) {
	path := k.c.Hosted.CSS
	switch text := strings.ToLower(string(body)); {
	case !utf8.Valid(body):
		k.wrong("pages.css", "not a stylesheet", path, "it is text in UTF-8")
	case strings.Contains(text, "@import"), strings.Contains(text, "url("):
		k.wrong("pages.css", "asks for other files", path, "the pages load nothing but their own; use pages.logo for the logo")
	}
}

// texts reads words by their keys.
func (k *checker) texts(body []byte, keys []string) map[string]string {
	var texts map[string]string
	if err := yaml.Unmarshal(body, &texts); err != nil {
		k.wrong("pages.texts", "not a YAML or JSON file of texts by keys", k.c.Hosted.Texts, `such as login.title: "Welcome back"`)
		return nil
	}
	for _, key := range sortedKeys(texts) {
		own := slices.ContainsFunc([]string{"step.", "field.", "error."}, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if own || slices.Contains(keys, key) {
			continue
		}
		hint := "app/texts.js of the package transport/internal/pages has them all"
		if near := nearest(key, keys); near != "" {
			hint = "did you mean " + near
		}
		k.wrong("pages.texts", "has a key that there is not", key, hint)
	}
	return texts
}
