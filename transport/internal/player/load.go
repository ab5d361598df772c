package player

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MacroFile is the name of the file of macros, in the folder of a story or any above it.
const MacroFile = "_macros.yaml"

// marker begins the recorded part of a file.
const marker = "# ---- recorded"

// Load reads the stories of the files and folders named, all those of a folder below it
// that end in .yaml, in the order of their names. Macros are those of the file
// [MacroFile] in the folder of a story or, failing that, of the nearest above it. The
// error names every file and line at fault.
func Load(files fs.FS, names ...string) ([]*Story, error) {
	if len(names) == 0 {
		names = []string{"."}
	}
	var out []*Story
	var errs []error
	for _, name := range names {
		stories, err := loadOne(files, path.Clean(name), func(file string) string { return file })
		out, errs = append(out, stories...), append(errs, err)
	}
	return found(out, errs, names)
}

// LoadPaths is [Load] for files and folders of the system, wherever they are.
func LoadPaths(names ...string) ([]*Story, error) {
	var out []*Story
	var errs []error
	for _, name := range names {
		whole, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		root := filepath.VolumeName(whole) + string(filepath.Separator)
		below := filepath.ToSlash(strings.TrimPrefix(whole, root))
		stories, err := loadOne(os.DirFS(root), path.Clean(below), func(file string) string {
			if rest, ok := strings.CutPrefix(file, below); ok {
				return filepath.Join(name, filepath.FromSlash(rest))
			}
			return root + filepath.FromSlash(file)
		})
		out, errs = append(out, stories...), append(errs, err)
	}
	return found(out, errs, names)
}

// found are the stories that were found, unless any has a fault.
func found(stories []*Story, errs []error, names []string) ([]*Story, error) {
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(stories) == 0 {
		return nil, fmt.Errorf("no story in %s: stories are files that end in .yaml", strings.Join(names, ", "))
	}
	return stories, nil
}

// loadOne reads a file or a folder; show says how a file is called.
func loadOne(files fs.FS, name string, show func(string) string) ([]*Story, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", show(name), reason(err))
	}
	l := loader{files: files, show: show, macros: map[string]macros{}}
	if !info.IsDir() {
		if story := l.story(name); story != nil {
			story.Name = nameOf(path.Base(name), story.Name)
			l.out = append(l.out, story)
		}
		return l.out, errors.Join(l.errs...)
	}
	err = fs.WalkDir(files, name, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || path.Ext(file) != ".yaml" || d.Name() == MacroFile {
			return nil
		}
		if story := l.story(file); story != nil {
			story.Name = nameOf(strings.TrimPrefix(file, name+"/"), story.Name)
			l.out = append(l.out, story)
		}
		return nil
	})
	return l.out, errors.Join(append(l.errs, err)...)
}

// nameOf is the name a story gave itself, or that of its file.
func nameOf(file, own string) string {
	if own != "" {
		return own
	}
	return strings.TrimSuffix(file, ".yaml")
}

// loader reads the files of one folder and keeps their faults.
type loader struct {
	files  fs.FS
	show   func(string) string
	macros map[string]macros
	out    []*Story
	errs   []error
}

// story reads a file, nil where it has a fault.
func (l *loader) story(file string) *Story {
	text, err := fs.ReadFile(l.files, file)
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: cannot be read: %w", l.show(file), reason(err)))
		return nil
	}
	story, err := Parse(text)
	if err != nil {
		l.errs = append(l.errs, located(l.show(file), err))
		return nil
	}
	story.File = l.show(file)
	story.macros = l.macrosOf(path.Dir(file))
	if _, err := story.expand(""); err != nil {
		l.errs = append(l.errs, located(l.show(file), err))
		return nil
	}
	return story
}

// macrosOf are the macros for stories of a folder.
func (l *loader) macrosOf(folder string) macros {
	if m, ok := l.macros[folder]; ok {
		return m
	}
	var m macros
	file := path.Join(folder, MacroFile)
	text, err := fs.ReadFile(l.files, file)
	switch {
	case err == nil:
		if m, err = parseMacros(text); err != nil {
			l.errs = append(l.errs, located(l.show(file), err))
		}
	case folder != ".":
		m = l.macrosOf(path.Dir(folder))
	}
	l.macros[folder] = m
	return m
}

// Parse reads the text of one story, without macros.
func Parse(text []byte) (*Story, error) {
	head, tail, recorded := cutRecording(text)
	first, _, _ := bytes.Cut(head, []byte("\n"))
	said := ""
	switch line := strings.TrimSpace(string(first)); {
	case strings.HasPrefix(line, "#"):
		said = strings.TrimSpace(strings.TrimLeft(line, "# "))
	case strings.HasPrefix(line, "proves:"), strings.HasPrefix(line, "about:"):
	default:
		return nil, &fault{1, "the first line must say what the story proves: proves: ..., or a comment"}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(head, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return nil, &fault{1, "there is nothing in it; a story has steps"}
	}
	s := &Story{}
	if err := strict(doc.Content[0], s); err != nil {
		return nil, err
	}
	for _, text := range []string{s.About, said} {
		if s.Proves == "" {
			s.Proves = text
		}
	}
	if s.Proves == "" {
		return nil, &fault{1, "the first line must say what the story proves"}
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	if recorded {
		var err error
		if s.recorded, err = parseRecording(tail, bytes.Count(head, []byte("\n"))+1); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// complete fills in what may be left out, and refuses what makes no sense.
func (s *Story) complete() error {
	if s.Profile == "" {
		s.Profile = "default"
	}
	if len(s.Clients) == 0 {
		s.Clients = []string{Browser, App}
	}
	for _, c := range s.Clients {
		if !slices.Contains([]string{Browser, App, Rest}, c) {
			return &fault{1, fmt.Sprintf("clients: there is no %q; there are browser, app and rest", c)}
		}
	}
	if len(s.Steps) == 0 {
		return &fault{1, "steps: a story has at least one"}
	}
	return nil
}

// cutRecording parts what a person wrote from what was recorded.
func cutRecording(text []byte) (head, tail []byte, found bool) {
	at := 0
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte(marker)) {
			return text[:at], text[at:], true
		}
		at += len(line)
	}
	return text, nil, false
}

// lineOf finds the line in what the YAML parser says.
var lineOf = regexp.MustCompile(`line (\d+): `)

// located puts the file and the line before what is wrong.
func located(file string, err error) error {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	line := 1
	if m := lineOf.FindStringSubmatchIndex(text); m != nil && m[0] == 0 {
		line, _ = strconv.Atoi(text[m[2]:m[3]])
		text = text[m[1]:]
	}
	return fmt.Errorf("%s:%d: %s", file, line, strings.ReplaceAll(text, "\n", ";"))
}

// reason is an error of a file without the file's name.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
