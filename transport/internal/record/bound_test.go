package record_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
)

// TestRecordedBinding: what bound clients have done is played again by devices that bind, each
// where it has shown a key, and nothing of keys and proofs is kept.
func TestRecordedBinding(t *testing.T) {
	t.Parallel()
	for story, want := range map[string]string{
		"signed_out":        "binds: [main]\n",
		"password_changed":  "binds: [main]\n",
		"run_stolen":        "binds: [main]\n",
		"required":          "proof: {sig: bad}",
		"token_copied_rest": "proof: none",
		"nonce":             "proof: {claims: {nonce: null}}",
	} {
		stories, err := player.LoadPaths(filepath.Join(flows, "stolen", story+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(recordAll(t, stories), "*", "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d stories, %v", story, len(files), err)
		}
		found := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(text, []byte(want))
			mustBeClean(t, file)
			again, err := player.LoadPaths(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range player.Plays(again) {
				if r := player.Run(t.Context(), p, stand.New(stand.Config{})); !r.Passed {
					var out bytes.Buffer
					player.Printer{Out: &out, Verbose: true}.Print(r)
					t.Errorf("%s: %s\n%s", story, text, &out)
				}
			}
		}
		if !found {
			t.Errorf("%s: no story says %s", story, want)
		}
	}
}
