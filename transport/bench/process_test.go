package bench

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"
)

// linux skips a test where the system does not tell of processes.
func linux(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("there is no /proc/self/schedstat here")
	}
}

// burn keeps a processor busy.
func burn(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// TestProcesses counts what this process, and what it has started, use.
func TestProcesses(t *testing.T) {
	linux(t)
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { _, _ = busy.Process.Kill(), busy.Wait() }()
	measured, err := watch([]Process{{"all", os.Getpid()}, {"child", busy.Process.Pid}})
	if err != nil {
		t.Fatal(err)
	}
	burn(300 * time.Millisecond)
	uses := measured()
	if len(uses) != 2 || uses[0].Name != "all" || uses[1].Name != "child" {
		t.Fatalf("%+v", uses)
	}
	all, child := uses[0], uses[1]
	if child.CPU <= 0 || child.CPU > time.Second || all.CPU < child.CPU || all.CPU <= 0 {
		t.Errorf("this process and the child have used %s, the child %s of it", all.CPU, child.CPU)
	}
	if all.Before < 1<<20 || all.After < 1<<20 || all.Peak < all.Before || child.Before <= 0 || all.Before <= child.Before {
		t.Errorf("memory %+v", uses)
	}
}

// TestProcessesThatEnd: the workers of a server come and go, and what they used is not given back.
func TestProcessesThatEnd(t *testing.T) {
	linux(t)
	short := exec.Command("sh", "-c", "while :; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; done")
	if err := short.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { _, _ = short.Process.Kill(), short.Wait() }()
	measured, err := watch([]Process{{"server", short.Process.Pid}})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if use := measured()[0]; use.CPU <= 0 || use.CPU > 3*time.Second {
		t.Errorf("%+v", use)
	}
	if got := spent(map[int]time.Duration{1: 5, 2: 9}, map[int]time.Duration{1: 7, 3: 4}); got != 6 {
		t.Errorf("one has used 2, one is new and has used 4, one has ended: %d", got)
	}
}

// TestNoProcess: a process that is not there is an error with its name.
func TestNoProcess(t *testing.T) {
	linux(t)
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	if _, err := watch([]Process{{"server", gone.Process.Pid}}); err == nil || errors.Is(err, ErrNoProc) {
		t.Errorf("%v", err)
	}
}
