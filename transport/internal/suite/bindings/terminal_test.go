package bindings

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// typist is a person in front of a program that asks for a line at a time.
type typist struct {
	t     testing.TB
	stdin io.Writer

	mu  sync.Mutex
	out bytes.Buffer
	// read is how much of the output was there when the person last did something.
	read int
}

// start runs a program until the test ends.
func start(t *testing.T, p *suite.Project, name string, args ...string) *typist {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = p.Dir, p.Env
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	w := &typist{t: t, stdin: stdin}
	command.Stdout, command.Stderr = w, w
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	return w
}

// Write takes what the program prints.
func (w *typist) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(b)
}

// await waits for what the person has not seen yet to be as wanted, and returns it.
func (w *typist) await(what string, done func(shown string) bool) string {
	w.t.Helper()
	for end := time.Now().Add(suite.Patience); ; time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		shown := w.out.String()[w.read:]
		w.mu.Unlock()
		if done(shown) {
			return shown
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s: not within %v; the terminal shows:\n%s", what, suite.Patience, w.out.String())
		}
	}
}

// asks reports whether the program waits for the person.
func asks(shown string) bool { return strings.HasSuffix(shown, "? ") || strings.HasSuffix(shown, ": ") }

func (w *typist) sees(text string) string {
	w.t.Helper()
	return w.await("see "+text, func(shown string) bool { return strings.Contains(shown, text) && asks(shown) })
}

func (w *typist) gone(text string) {
	w.t.Helper()
	w.await("see no more of "+text, func(shown string) bool { return !strings.Contains(shown, text) && asks(shown) })
}

func (w *typist) fails(text string) {
	w.t.Helper()
	w.await("see the error "+text, func(shown string) bool {
		_, fault, ok := strings.Cut(shown, "! ")
		return ok && strings.Contains(fault, text) && asks(shown)
	})
}

func (w *typist) works() {
	w.t.Helper()
	if shown := w.await("be asked", asks); strings.Contains(shown, "! ") {
		w.t.Fatalf("it does not work:\n%s", shown)
	}
}

func (w *typist) does(button string, values ...entry) {
	w.t.Helper()
	w.line(button)
	for _, v := range values {
		w.line(v.value)
	}
}

// line types a line once it is asked for.
func (w *typist) line(text string) {
	w.t.Helper()
	w.await("be asked", asks)
	w.mu.Lock()
	w.read = w.out.Len()
	w.mu.Unlock()
	if _, err := io.WriteString(w.stdin, text+"\n"); err != nil {
		w.t.Fatal(err)
	}
}

// TestNode walks with the program in a terminal, which keeps its tokens in a file: started
// again, it is signed in.
func TestNode(t *testing.T) {
	t.Parallel()
	node := suite.Program(t, "node")
	p := suite.NewProject(t, examples)
	put(p)
	p.Env = append(p.Env, "TOKENS="+p.Dir+"/tokens.json")
	l := newLab(t, "http://localhost:3000")
	walk(l, start(t, p, node, "node/program.js", l.URL), "node@example.org")
	start(t, p, node, "node/program.js", l.URL).sees("Hello, node@example.org")
	if mode := p.Run("stat -c %a tokens.json"); mode != "600\n" {
		t.Errorf("the tokens' file has mode %s", mode)
	}
}
