package player

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// folder is a folder of files by name.
func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// TestLoad reads a folder in the order of names, with the macros of the nearest folder.
func TestLoad(t *testing.T) {
	files := folder(map[string]string{
		"b/two.yaml":          "proves: Two.\nsteps: [{do: enter}]\n",
		"b/_macros.yaml":      "enter: {args: {}, steps: [{req: GET /b}]}\n",
		"a/one.yaml":          "# One is proved here.\nprofile: codes\nclients: [rest]\nsteps: [{do: enter}]\n",
		"a/deep/three.yaml":   "about: Three.\nname: renamed\nsteps: [{do: enter, with: {path: /x}}]\n",
		"_macros.yaml":        "enter: {args: {path: /top}, steps: [{req: \"GET {{$path}}\"}]}\nenter@codes: {args: {path: /codes}, steps: [{req: \"GET {{$path}}\"}]}\n",
		"a/notes.txt":         "no story",
		"a/deep/unread.yml":   "no story",
		"b/deeper/down/z.yml": "no story",
	})
	stories, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range stories {
		steps, err := s.expand(s.Clients[0])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{s.Name, s.Proves, s.Profile, strings.Join(s.Clients, "+"), steps[0].Req}, " | "))
	}
	want := []string{
		"renamed | Three. | default | browser+app | GET /x",
		"a/one | One is proved here. | codes | rest | GET /codes",
		"b/two | Two. | default | browser+app | GET /b",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	one, err := Load(files, "a/one.yaml")
	if err != nil || len(one) != 1 || one[0].Name != "one" || one[0].File != "a/one.yaml" {
		t.Errorf("a file by itself: %v, %v", one, err)
	}
}

// TestLoadFaults names the file and the line of what is wrong, and what it is.
func TestLoadFaults(t *testing.T) {
	const steps = "steps: [{req: GET /x}]\n"
	for name, c := range map[string]struct{ text, want string }{
		"no proof":            {"profile: default\n" + steps, "s.yaml:1: the first line must say what the story proves"},
		"an empty proof":      {"proves:\n" + steps, "s.yaml:1: the first line must say what the story proves"},
		"an empty comment":    {"#\n" + steps, "s.yaml:1: the first line must say what the story proves"},
		"nothing":             {"# Nothing.\n", "s.yaml:1: there is nothing in it"},
		"no YAML":             {"proves: x\nsteps: [\n", "s.yaml:"},
		"an unknown key":      {"proves: x\nstep: []\n", `s.yaml:2: unknown key "step"; there are name, proves, profile`},
		"no steps":            {"proves: x\nsteps: []\n", "s.yaml:1: steps: a story has at least one"},
		"an unknown client":   {"proves: x\nclients: [phone]\n" + steps, `s.yaml:1: clients: there is no "phone"; there are browser, app and rest`},
		"a key of a step":     {"proves: x\nsteps:\n  - {req: GET /x, wants: 200}\n", `s.yaml:3: unknown key "wants"`},
		"no verb":             {"proves: x\nsteps:\n  - {req: GET /x}\n  - {want: 200}\n", "s.yaml:4: a step does nothing; give it one of req, mail"},
		"two verbs":           {"proves: x\nsteps:\n  - {req: GET /x, mail: a}\n", "s.yaml:3: a step does one thing, and this one req and mail"},
		"no method":           {"proves: x\nsteps:\n  - {req: /x}\n", `s.yaml:3: req "/x": want METHOD /path`},
		"no time":             {"proves: x\nsteps:\n  - {advance: soon}\n", `s.yaml:3: "soon" is no length of time`},
		"time that goes back": {"proves: x\nsteps:\n  - {sleep: -1}\n", `s.yaml:3: "-1" is no length of time`},
		"a wrong type":        {"proves: x\nsteps:\n  - {req: GET /x, repeat: often}\n", "s.yaml:3: cannot unmarshal"},
		"a word for a step":   {"proves: x\nsteps:\n  - GET /x\n", "s.yaml:3: keys and values are expected here"},
		"a given key":         {"proves: x\ngiven: {mail: a}\n" + steps, `s.yaml:2: unknown key "mail"`},
		"a given list":        {"proves: x\ngiven:\n  - {}\n  - {totp: maybe}\n" + steps, "s.yaml:4: cannot unmarshal"},
		"no macro":            {"proves: x\nsteps:\n  - {do: dance}\n", `s.yaml:3: there is no macro "dance" for profile default`},
		"no argument":         {"proves: x\nsteps:\n  - {do: enter, with: {door: a}}\n", `s.yaml:3: macro enter has no argument "door"`},
		"endless":             {"proves: x\nsteps:\n  - {do: again}\n", "s.yaml:3: macros nest too deeply; does again play itself?"},
		"a recording":         {"proves: x\n" + steps + "# ---- recorded\nexpect:\n  app:\n    - {\"step\"\n", "s.yaml:6: the recording of a step cannot be read"},
		"no recording":        {"proves: x\n" + steps + "# ---- recorded\nwhat is this\n", `s.yaml:4: "what is this" is no line of a recording`},
	} {
		files := folder(map[string]string{
			"s.yaml":       c.text,
			"_macros.yaml": "enter: {args: {}, steps: [{req: GET /b}]}\nagain: {args: {}, steps: [{do: again}]}\n",
		})
		_, err := Load(files)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, c.want)
		}
	}
}

func TestLoadFaultsOfMacros(t *testing.T) {
	for text, want := range map[string]string{
		"enter: {args: {}, steps: 5}\n":             "_macros.yaml:1: macro enter has no list of steps",
		"enter:\n  args: {}\n  steps: [{}]\n":       "_macros.yaml:3: a step does nothing",
		"enter:\n  args: {}\n  steps: [{bow: 1}]\n": `_macros.yaml:3: unknown key "bow"`,
		"enter: [\n": "_macros.yaml:",
	} {
		_, err := Load(folder(map[string]string{"s.yaml": "proves: x\nsteps: [{req: GET /x}]\n", "_macros.yaml": text}))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v\nwant %s", text, err, want)
		}
	}
}

// TestLoadAllFaults tells of every file at once.
func TestLoadAllFaults(t *testing.T) {
	_, err := Load(folder(map[string]string{"a.yaml": "x", "b.yaml": "proves: x\nsteps: [{req: GET /x}]\n", "c.yaml": "y"}))
	if err == nil || !strings.Contains(err.Error(), "a.yaml:1: ") || !strings.Contains(err.Error(), "c.yaml:1: ") || strings.Contains(err.Error(), "b.yaml") {
		t.Errorf("got %v", err)
	}
	if _, err := Load(folder(map[string]string{"a.txt": "x"})); err == nil || !strings.HasPrefix(err.Error(), "no story in .") {
		t.Errorf("a folder without stories: %v", err)
	}
	if _, err := Load(folder(nil), "gone"); err == nil || err.Error() != "gone: cannot be read: file does not exist" {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestLoadPaths calls files as they were named.
func TestLoadPaths(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"flows/in/one.yaml":  "proves: x\nsteps: [{do: enter}]\n",
		"flows/_macros.yaml": "enter: {args: {}, steps: [{req: GET /b}]}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, c := range []struct{ arg, name, file string }{
		{"flows", "in/one", "flows/in/one.yaml"}, {"flows/in", "one", "flows/in/one.yaml"}, {"flows/in/one.yaml", "one", "flows/in/one.yaml"},
		{filepath.Join(dir, "flows"), "in/one", filepath.Join(dir, "flows/in/one.yaml")}, {"./flows/", "in/one", "flows/in/one.yaml"},
	} {
		got, err := LoadPaths(c.arg)
		if err != nil {
			t.Errorf("%s: %v", c.arg, err)
			continue
		}
		if len(got) != 1 || got[0].Name != c.name || got[0].File != c.file {
			t.Errorf("%s: %q in %q, want %q in %q", c.arg, got[0].Name, got[0].File, c.name, c.file)
		}
	}
	if _, err := LoadPaths("nowhere"); err == nil || err.Error() != "nowhere: cannot be read: no such file or directory" {
		t.Errorf("nowhere: %v", err)
	}
}

// TestExpand writes macros and repetitions out, for one client, and says where each step
// is from.
func TestExpand(t *testing.T) {
	stories, err := Load(folder(map[string]string{
		"s.yaml": `proves: x
steps:
  - {do: outer, as: laptop, with: {who: ann}}
  - {req: POST /try, repeat: 2}
  - {req: GET /app, only: app}
  - {req: GET /end}
`,
		"_macros.yaml": `
inner: {args: {who: nobody}, steps: [{set: {name: "{{$who}}"}}, {req: GET /inner, as: phone}]}
outer: {args: {who: x}, steps: [{do: inner, with: {who: "{{$who}}!"}}, {req: "GET /{{$who}}"}]}
`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	steps, err := stories[0].expand(Browser)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, s.path+" "+s.Label())
	}
	want := []string{"1.1.1 set", "1.1.2 phone: GET /inner", "1.2 laptop: GET /ann", "2#1 POST /try", "2#2 POST /try", "4 GET /end"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if steps[0].Set["name"] != "ann!" || steps[2].Line != 3 {
		t.Errorf("the name is %v, the line %d", steps[0].Set["name"], steps[2].Line)
	}
	if again, _ := stories[0].expand(App); len(again) != 7 {
		t.Errorf("%d steps for apps", len(again))
	}
}

func TestSpans(t *testing.T) {
	s, err := Parse([]byte("proves: x\nsteps: [{sleep: 2.2}, {advance: 15m}, {advance: 2d}, {sleep: 1.5h}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for _, step := range s.Steps {
		got = append(got, time.Duration(step.Sleep+step.Advance))
	}
	want := []time.Duration{2200 * time.Millisecond, 15 * time.Minute, 48 * time.Hour, 90 * time.Minute}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s.Waits() != 49*time.Hour+45*time.Minute+2200*time.Millisecond {
		t.Errorf("it waits %v", s.Waits())
	}
}

// TestKeys: the keys that a story takes are those of its struct, so that none can be
// written that is not read.
func TestKeys(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[Story](), reflect.TypeFor[Step](), reflect.TypeFor[AccountSpec](), reflect.TypeFor[Trail]()} {
		for f := range typ.Fields() {
			if f.IsExported() && f.Tag.Get("yaml") == "" {
				t.Errorf("%s.%s has no key", typ.Name(), f.Name)
			}
		}
	}
}
