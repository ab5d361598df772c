package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// eachSetting visits every value that a key of a section stands for.
func eachSetting(c *Config, visit func(key, field string, value reflect.Value)) {
	var walk func(path string, section reflect.Value)
	walk = func(path string, in reflect.Value) {
		for field, value := range in.Fields() {
			switch key := path + tagOf(field); {
			case tagOf(field) == "":
			case shapeOf(field.Type) == section:
				walk(key+".", value)
			default:
				visit(key, field.Name, value)
			}
		}
	}
	walk("", reflect.ValueOf(c).Elem())
}

// nonsense are values that no setting of a kind can mean, none for switches and tables.
func nonsense(v reflect.Value) []any {
	switch {
	case v.CanInt():
		return []any{-1 << 40, 1 << 40}
	case v.CanFloat():
		return []any{-1e300, 1e300}
	case v.Kind() == reflect.String:
		return []any{"\x00 no\nsense :// *"}
	case v.Type() == reflect.TypeFor[[]string]():
		return []any{[]string{"\x00 no\nsense :// *"}}
	}
	return nil
}

// TestEverySettingIsChecked reminds of the check of a setting that was added.
func TestEverySettingIsChecked(t *testing.T) {
	free := map[string]string{
		"data_dir":                        "a path is judged by the system, when something is kept there",
		"record.dir":                      "a path is judged by the system, when something is kept there",
		"headless.jwt_previous_key_files": "files are read at the start, and none by Validate",
		"pages.logo":                      "files are read at the start, and none by Validate",
		"pages.css":                       "files are read at the start, and none by Validate",
		"pages.texts":                     "files are read at the start, and none by Validate",
		"account.username_blacklist":      "a name that nobody can have may be listed all the same",
		"mfa.webauthn_rp_name":            "browsers show it as they see fit",
		"redis.sentinel_password":         "it is for the sentinels to judge",
		"mail.smtp_user":                  "it is for the mail server to judge",
	}
	c := sound()
	c.Headless.TokenStrategy, c.Headless.JWTAlgorithm, c.Headless.JWTPrivateKey = "jwt", "HS256", Secret(strings.Repeat("k", minSecret))
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	eachSetting(&c, func(key, _ string, value reflect.Value) {
		absurd := nonsense(value)
		if absurd == nil {
			return
		}
		before, accepted := reflect.ValueOf(value.Interface()), 0
		for _, x := range absurd {
			value.Set(reflect.ValueOf(x).Convert(value.Type()))
			if c.Validate() == nil {
				accepted++
			}
		}
		value.Set(before)
		_, listed := free[key]
		switch {
		case accepted > 0 && !listed:
			t.Errorf("%s is not checked: nonsense passes; check it beside its struct, or say in this test why it may be anything", key)
		case accepted == 0 && listed:
			t.Errorf("%s is checked, although this test says: %s", key, free[key])
		}
	})
}

// TestEverySettingIsRead reminds of a setting that was added and changes nothing.
func TestEverySettingIsRead(t *testing.T) {
	read := map[string]bool{}
	for _, pattern := range []string{"*.go", "../server/*.go", "../internal/*/*.go", "../../cmd/stagedoor/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				fieldsRead(t, file, read)
			}
		}
	}
	var c Config
	eachSetting(&c, func(key, field string, _ reflect.Value) {
		if !read[field] {
			t.Errorf("nothing reads %s: neither this package nor package server says .%s, but to check it", key, field)
		}
	})
}

// fieldsRead notes the names after a dot in the functions of a file, but for those that
// check and those that set defaults.
func fieldsRead(t *testing.T, file string, read map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || f.Name.Name == "Default" || f.Name.Name == "Dev" {
			continue
		}
		if f.Recv != nil {
			if to, is := f.Recv.List[0].Type.(*ast.StarExpr); is && isNamed(to.X, "checker") {
				continue
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, is := n.(*ast.SelectorExpr); is {
				read[s.Sel.Name] = true
			}
			return true
		})
	}
}

func isNamed(e ast.Expr, name string) bool {
	id, is := e.(*ast.Ident)
	return is && id.Name == name
}
