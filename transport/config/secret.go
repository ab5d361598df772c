package config

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden stands where a secret would be.
const hidden = "[secret]"

// Secret is text that no log, message or dump may show: fmt, JSON, YAML and
// slog all print a placeholder, or nothing when it is empty. Keep it in
// exported fields only; fmt cannot ask an unexported one to hide itself.
type Secret string

// unknown stands for a secret that a configuration has, and that is not here: see
// [LoadWithoutSecrets]. No file and no variable can say it.
const unknown Secret = "\x00unknown"

// Known says whether the text is the secret, or that there is none. It is not where a
// configuration was read without its secrets.
func (s Secret) Known() bool { return s != unknown }

// Reveal is the text itself.
func (s Secret) Reveal() string { return string(s) }

// String is the placeholder, or empty where there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format implements fmt.Formatter: no verb, not %x or %#v either, shows the text.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
