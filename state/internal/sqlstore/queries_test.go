package sqlstore

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stagedoor/state"
)

// queries returns every query of this package by the name of its constant.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	// Without an importer the check finds many errors, but constants it can add up.
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check("sqlstore", set, parsed, nil)
	out := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && strings.HasPrefix(name, "sql") && c.Val().Kind() == constant.String {
			out[name] = constant.StringVal(c.Val())
		}
	}
	for _, piece := range []string{"sqlAccountParts", "sqlOtherParts", "sqlRank", "sqlClaims", "sqlProved", "sqlProvedBesides", "sqlSessionColumns", "sqliteOptions", "sqlTrailColumns", "sqlTrailTries", "sqlRaise", "sqlOthersGoOn", "sqlLockRow", "sqlLockedRow", "sqlStands", "sqlNoteAnew"} {
		if out[piece] == "" {
			t.Fatalf("found no %s among %d constants", piece, len(out))
		}
		delete(out, piece)
	}
	return out
}

// TestProfileNames: what a query drops of a profile is all of it.
func TestProfileNames(t *testing.T) {
	var quoted []string
	for name := range (state.Profile{Name: "n", GivenName: "g", FamilyName: "f", Picture: "p"}).Attributes() {
		quoted = append(quoted, "'"+name+"'")
	}
	got := strings.Split(profileNames, ", ")
	slices.Sort(quoted)
	slices.Sort(got)
	if !slices.Equal(got, quoted) {
		t.Errorf("%v, want %v", got, quoted)
	}
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// TestPlaceholders: SQLite numbers $1, $2 by where they first occur, whatever the digit.
func TestPlaceholders(t *testing.T) {
	for name, query := range queries(t) {
		last := 0
		for _, m := range placeholder.FindAllStringSubmatch(query, -1) {
			var n int
			fmt.Sscan(m[1], &n)
			if n > last+1 {
				t.Errorf("%s: $%d comes before $%d", name, n, last+1)
			}
			last = max(last, n)
		}
	}
}

// TestQueriesPrepare has each database read every query, those too that no test runs.
func TestQueriesPrepare(t *testing.T) {
	all := queries(t)
	onBoth(t, func(t *testing.T, s *Store) {
		for name, query := range all {
			if strings.HasPrefix(name, "sqlLockName") && s.read != s.write {
				continue // only PostgreSQL needs it
			}
			stmt, err := s.write.PrepareContext(t.Context(), s.dialect.text(query))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if err := stmt.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestSameTables: the migrations of the two databases differ in the names of types.
func TestSameTables(t *testing.T) {
	files, err := filepath.Glob("migrations/postgres/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	others, err := filepath.Glob("migrations/sqlite/*.sql")
	if err != nil || len(others) != len(files) {
		t.Errorf("%d migrations for postgres, %d for sqlite, %v", len(files), len(others), err)
	}
	types := strings.NewReplacer(
		"BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"BIGINT", "INTEGER", "BOOLEAN", "INTEGER", "BYTEA", "BLOB", "\n);", "\n) STRICT;")
	spaces := regexp.MustCompile(` +`)
	read := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return spaces.ReplaceAllString(string(b), " ")
	}
	for _, path := range files {
		if strings.Contains(path, "00005_account_ids") {
			continue // SQLite changes no types of columns; see TestAccountIDsBecomeText
		}
		other := strings.Replace(path, "postgres", "sqlite", 1)
		if types.Replace(read(path)) != read(other) {
			t.Errorf("%s and %s make different tables", path, other)
		}
	}
}
