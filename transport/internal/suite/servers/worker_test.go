package servers

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// patience is how long a process may take to start or to end.
const patience = 30 * time.Second

// workshop is where the command is built, gone when the tests are through.
var workshop string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "stagedoor-servers-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workshop = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// command is the path of the command stagedoor, built the first time a test asks for it.
var command = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "stagedoor")
	args := []string{"build", "-o", path}
	if suite.Raced {
		// What the tests were compiled of is compiled already.
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "stagedoor/cmd/stagedoor")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the command: %w\n%s", err, out)
	}
	return path, nil
})

// worker is one server: a process of the command, which can be killed and started again.
type worker struct {
	t      testing.TB
	addr   string
	config string

	mu   sync.Mutex
	proc *exec.Cmd
	done chan struct{}
	// said is what its processes have said.
	said suite.Journal
}

// start starts a process and waits until it listens.
func (w *worker) start() error {
	path, err := command()
	if err != nil {
		return err
	}
	proc := exec.Command(path, "serve", "--config", w.config, "--listen", w.addr)
	out, err := proc.StdoutPipe()
	if err != nil {
		return err
	}
	proc.Stderr = &w.said
	// What is said to the tests is no setting of a server.
	proc.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "STAGEDOOR_") })
	proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := proc.Start(); err != nil {
		return err
	}
	done, listens := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "listens on ") {
				close(listens)
			}
		}
		_ = proc.Wait()
	}()
	w.mu.Lock()
	w.proc, w.done = proc, done
	w.mu.Unlock()
	select {
	case <-listens:
		return nil
	case <-done:
		return fmt.Errorf("the server at %s ended at its start\n%s", w.addr, w.said.String())
	case <-time.After(patience):
		return fmt.Errorf("the server at %s does not listen\n%s", w.addr, w.said.String())
	}
}

// end sends a signal and waits until the process is gone; one that is gone stays so.
func (w *worker) end(signal syscall.Signal) error {
	w.mu.Lock()
	proc, done := w.proc, w.done
	w.mu.Unlock()
	if proc == nil {
		return nil
	}
	_ = proc.Process.Signal(signal)
	select {
	case <-done:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("the server at %s does not end by %v\n%s", w.addr, signal, w.said.String())
	}
}

// kill is kill -9: nothing is finished.
func (w *worker) kill() {
	w.t.Helper()
	if err := w.end(syscall.SIGKILL); err != nil {
		w.t.Error(err)
	}
}

// freeAddress is an address of this machine that nobody listens at, nor will: each has a host of
// its own where 127.0.0.0/8 is all this machine, as on Linux. A port alone may be given out twice, and haproxy
// would share it (SO_REUSEPORT) with the one of another test without a word.
func freeAddress(t testing.TB) string {
	t.Helper()
	host := "127.0.0.1"
	if runtime.GOOS == "linux" {
		host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	}
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
