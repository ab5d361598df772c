package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stagedoor/state/statetest"
)

// saidBy runs a command line and returns what it says, failing where it fails.
func saidBy(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs strings.Builder
	if status := run(args, &out, &errs); status != 0 {
		t.Fatalf("stagedoor %s: %s%s", strings.Join(args, " "), &out, &errs)
	}
	return out.String()
}

// TestMigratePostgres through a pooler, by a URL alone, or by a configuration whose other secrets
// are elsewhere.
func TestMigratePostgres(t *testing.T) {
	t.Parallel()
	url := statetest.StartPgBouncer(t, statetest.StartPostgres(t), "transaction")
	if said := saidBy(t, "migrate", "status", "--database-url", url); !strings.Contains(said, "00001_start              missing") {
		t.Errorf("before: %s", said)
	}
	file := filepath.Join(t.TempDir(), "stagedoor.yaml")
	text := "secret_key_file: /nowhere/secret\ndatabase: {url: 'postgres://nobody@127.0.0.1:1/none', migrate_url: '" + url + "'}\nmail: {smtp_host: localhost, from: a@example.com}\n" +
		"headless: {frontend_urls: {account_confirm_email: 'http://localhost:3000/{key}', account_reset_password_from_key: 'http://localhost:3000/{key}'}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := saidBy(t, "migrate", "up", "--config", file); !strings.Contains(said, "applied 00001_start") {
		t.Errorf("up: %s", said)
	}
	if said := saidBy(t, "migrate", "up", "--database-url", url); said != "the tables are up to date\n" {
		t.Errorf("again: %s", said)
	}
	if said := saidBy(t, "migrate", "status", "--config", file, "--database-url", url); strings.Contains(said, "missing") {
		t.Errorf("after: %s", said)
	}
	var out, errs strings.Builder
	if err := os.WriteFile(file, []byte(strings.Replace(text, "url: 'postgres://nobody@127.0.0.1:1/none'", "url_file: /nowhere/url", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if status := run([]string{"migrate", "up", "--config", file}, &out, &errs); status == 0 || !strings.Contains(errs.String(), "give --database-url") {
		t.Errorf("without the URL: %s%s", &out, &errs)
	}
}
