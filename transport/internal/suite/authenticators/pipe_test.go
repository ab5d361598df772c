package authenticators

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// pipe is a device that is a program: a question is a line of JSON, and so is its answer.
type pipe struct {
	t    *testing.T
	into io.WriteCloser
	from *bufio.Reader
}

// programLimit is how long a device may take for all that is asked of it, on a busy machine.
const programLimit = 5 * time.Minute

// newPipe starts a program of a project; it ends with the test.
func newPipe(t *testing.T, p *suite.Project, program string, args ...string) *pipe {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), programLimit)
	t.Cleanup(cancel) // comes after what ends it in order
	command := exec.CommandContext(ctx, "bash", append([]string{"-c", `exec "$@"`, program, program}, args...)...)
	var faults strings.Builder
	command.Dir, command.Env, command.Stderr = p.Dir, p.Env, &faults
	into, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	from, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = into.Close() // which ends it
		if err := command.Wait(); err != nil || t.Failed() {
			t.Logf("%s: %v\n%s", program, err, faults.String())
		}
	})
	return &pipe{t: t, into: into, from: bufio.NewReader(from)}
}

// ask asks one question.
func (p *pipe) ask(question map[string]any) (json.RawMessage, error) {
	p.t.Helper()
	line, err := json.Marshal(question)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.into.Write(append(line, '\n')); err != nil {
		p.t.Fatalf("the device is gone: %v", err)
	}
	answer, err := p.from.ReadBytes('\n')
	if err != nil {
		p.t.Fatalf("the device says nothing to %s: %v", question["ask"], err)
	}
	var said struct{ Refused string }
	if err := json.Unmarshal(answer, &said); err != nil {
		p.t.Fatalf("the device says %s: %v", answer, err)
	}
	if said.Refused != "" {
		return nil, errors.New(said.Refused)
	}
	return answer, nil
}

// Create answers creation options.
func (p *pipe) Create(options json.RawMessage, origin string) (json.RawMessage, error) {
	return p.ask(map[string]any{"ask": "create", "options": options, "origin": origin})
}

// Get answers request options.
func (p *pipe) Get(options json.RawMessage, origin string) (json.RawMessage, error) {
	return p.ask(map[string]any{"ask": "get", "options": options, "origin": origin})
}

// Empty has it forget its credentials.
func (p *pipe) Empty() { p.Change("empty") }

// Change makes it another.
func (p *pipe) Change(into string) bool {
	p.t.Helper()
	_, err := p.ask(map[string]any{"ask": into})
	return err == nil
}
