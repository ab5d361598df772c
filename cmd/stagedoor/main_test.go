package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary the program stagedoor, and oathtool, where it is called by
// that name: they are on PATH for scripts and for tests that start servers.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"stagedoor": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
		"oathtool":  oathtool,
	})
}

// TestScripts runs testdata/*.txtar. Besides the usual commands there are
//
//	start ARGUMENTS       starts stagedoor, waits until it listens, sets BASE to where
//	get PATH STATUS       asks the started server and prints the answer
//	stop                  asks it to end, waits until it has, prints what it has said
//	free NAME...          sets NAME to an address nobody listens on, NAME_PORT to its port
//	taken                 sets TAKEN to an address somebody listens on
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Condition: func(cond string) (bool, error) {
			if cond != "race" {
				return false, fmt.Errorf("there is no condition %q", cond)
			}
			return raced, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Values[slot{}] = new(*process)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": scriptStart, "get": scriptGet, "stop": scriptStop, "taken": scriptTaken, "free": scriptFree,
		},
	})
}

// slot is under what a script keeps its server.
type slot struct{}

// held is where a script keeps its server, nil before it has started one.
func held(ts *testscript.TestScript) **process { return ts.Value(slot{}).(**process) }

func scriptStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("use ! exec stagedoor for a server that does not start")
	}
	env := append(os.Environ(), "HOME="+ts.Getenv("WORK"))
	if port := ts.Getenv("STAGEDOOR_MAIL__SMTP_PORT"); port != "" {
		env = append(env, "STAGEDOOR_MAIL__SMTP_PORT="+port)
	}
	p, err := launch(ts.Getenv("WORK"), "stagedoor", env, args...)
	ts.Check(err)
	*held(ts) = p
	ts.Setenv("BASE", strings.Replace(p.url, "127.0.0.1", "localhost", 1))
	ts.Defer(p.kill)
}

// started is the server a script has started.
func started(ts *testscript.TestScript) *process {
	p := *held(ts)
	if p == nil {
		ts.Fatalf("no server was started")
	}
	return p
}

func scriptGet(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: get PATH STATUS")
	}
	resp, err := http.Get(started(ts).url + args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if got := fmt.Sprint(resp.StatusCode); got != args[1] {
		ts.Fatalf("GET %s: %s, want %s\n%s", args[0], got, args[1], body)
	}
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", resp.Header.Get("Content-Type"), body)
}

func scriptStop(ts *testscript.TestScript, _ bool, _ []string) {
	p := started(ts)
	ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	ts.Check(p.wait())
	*held(ts) = nil
	fmt.Fprint(ts.Stdout(), p.said())
}

func scriptTaken(ts *testscript.TestScript, _ bool, _ []string) {
	p := started(ts)
	ts.Setenv("TAKEN", strings.TrimPrefix(p.url, "http://"))
}

// scriptFree finds addresses by listening on them for a moment.
func scriptFree(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer l.Close()
		ts.Setenv(name, l.Addr().String())
		ts.Setenv(name+"_PORT", fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
	}
}

// process is a server that runs on its own.
type process struct {
	cmd *exec.Cmd
	// url is where it is reached.
	url  string
	done chan struct{}
	err  error

	mu  sync.Mutex
	out strings.Builder
}

// launch starts a program in a folder and waits until it says where it listens.
func launch(dir, program string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, env
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	said := make(chan string, 1)
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			_, _ = io.WriteString(p, lines.Text()+"\n")
			if _, at, ok := strings.Cut(lines.Text(), "listens on "); ok {
				said <- at
			}
		}
		p.err = p.cmd.Wait()
	}()
	select {
	case at := <-said:
		at, _, _ = strings.Cut(at, ", known as ")
		// A name can stand for two addresses, and the server is at one.
		p.url = strings.Replace(at, "localhost", "127.0.0.1", 1)
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s %s ended: %v\n%s", program, strings.Join(args, " "), p.err, p.said())
	case <-time.After(30 * time.Second):
		p.kill()
		return nil, fmt.Errorf("%s %s does not listen\n%s", program, strings.Join(args, " "), p.said())
	}
}

// Write keeps what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

// said is all the process has said so far.
func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// wait waits until the process has ended, and returns how.
func (p *process) wait() error {
	select {
	case <-p.done:
		return p.err
	case <-time.After(30 * time.Second):
		return fmt.Errorf("it does not end\n%s", p.said())
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}
