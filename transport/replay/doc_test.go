package replay_test

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"stagedoor/transport/internal/player"
)

// TestFormatIsWrittenDown: each key that a story, a step, an account or a trail may have is
// in the documentation of the package, which is all that writers of stories have.
func TestFormatIsWrittenDown(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	// About is another word for proves, and status_only is of old recordings.
	unsaid := map[string]bool{"about": true, "status_only": true, "name": true}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[player.Story](), reflect.TypeFor[player.Step](), reflect.TypeFor[player.AccountSpec](), reflect.TypeFor[player.Trail](),
	} {
		for f := range typ.Fields() {
			key := f.Tag.Get("yaml")
			if key == "" || key == "-" || unsaid[key] {
				continue
			}
			if !regexp.MustCompile(`\b` + key + `\b`).Match(text) {
				t.Errorf("transport/replay/doc.go says nothing of %s, a key of a %s", key, typ.Name())
			}
		}
	}
}
