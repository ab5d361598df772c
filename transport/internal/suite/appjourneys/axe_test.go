package appjourneys

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// axeCore is the script of axe-core, which finds what keeps people out: "" where
// STAGEDOOR_REQUIRE does not contain "axe", since it would have to be fetched. Its version is
// pinned in testdata/generators/axe.
func axeCore(t *testing.T) string {
	t.Helper()
	if !strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "axe") {
		t.Log(`STAGEDOOR_REQUIRE does not contain "axe": the pages are not judged by axe-core`)
		return ""
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../../../testdata/generators/axe")); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm: %v\n%s", err, out)
	}
	script, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}
