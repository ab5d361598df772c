package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecretHides(t *testing.T) {
	const text = "hunter2"
	holder := struct {
		Key  Secret
		Keys map[string]Secret
		List []Secret
		At   *Secret
	}{text, map[string]Secret{"a": text}, []Secret{text}, nil}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "key", Secret(text), "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "key", Secret(text), "holder", holder)
	shown := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown += fmt.Sprintf(verb, Secret(text)) + fmt.Sprintf(verb, holder)
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		content, err := marshal(holder)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(content)
	}
	shown += fmt.Sprint(fmt.Errorf("failed: %v %w", Secret(text), Fault{Key: "k", Got: show(Secret(text))}))
	for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
		if strings.Contains(shown, leak) {
			t.Errorf("%q is shown in %s", leak, shown)
		}
	}
	if !strings.Contains(shown, hidden) {
		t.Error("not even a placeholder is shown")
	}
	if Secret(text).Reveal() != text || Secret("").String() != "" {
		t.Error("reveal shows the text, and an empty secret shows nothing")
	}
}

func TestSettingsHideSecrets(t *testing.T) {
	c := sound()
	c.SocialAccount.Providers = []Provider{{Provider: "apple", Secret: "hunter2", Settings: map[string]Secret{"key": "hunter2"}}}
	c.Mail.SMTPPassword = "hunter2"
	content, err := json.Marshal(c.Settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(content), fmt.Sprintf("%+v %#v", c, c), strings.Join(c.Notes(), "\n")} {
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, "thirty-two") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
	if !strings.Contains(string(content), `"secret_key":"[secret]"`) {
		t.Errorf("that there is a key is not shown: %s", content)
	}
}
