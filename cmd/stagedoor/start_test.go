//go:build !race

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// What is promised of the embedded defaults. The time is of a quiet machine, so the test
// allows four times as much; the benchmark tells what it is. The race detector takes
// several times the time and the memory, so that these are not built with it.
const (
	promisedStart  = 500 * time.Millisecond
	promisedMemory = 60 // MiB, resident
)

// begin starts a development server in a fresh folder, asks it once, and returns it
// with the time that took.
func begin(t testing.TB) (*process, time.Duration) {
	t.Helper()
	dir := t.TempDir()
	from := time.Now()
	p, err := launch(dir, "stagedoor", os.Environ(), "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(p.url + "/_allauth/app/v1/config")
	if err != nil {
		p.kill()
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		p.kill()
		t.Fatalf("the first answer is %d", resp.StatusCode)
	}
	return p, time.Since(from)
}

var residentLine = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB$`)

// resident is the memory of a process in MiB; 0 where the system does not tell.
func resident(t testing.TB, p *process) float64 {
	t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0
	}
	found := residentLine.FindSubmatch(status)
	if found == nil {
		return 0
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return float64(kib) / 1024
}

// idle is the memory of a server once what starting took is given back: as soon as it is
// no more than enough, or after two seconds.
func idle(t testing.TB, p *process, enough float64) float64 {
	t.Helper()
	mib := resident(t, p)
	for tries := 0; tries < 20 && mib > enough; tries++ {
		time.Sleep(100 * time.Millisecond)
		mib = min(mib, resident(t, p))
	}
	return mib
}

// TestStart takes the best of three starts.
func TestStart(t *testing.T) {
	best := time.Hour
	for i := range 3 {
		p, took := begin(t)
		best = min(best, took)
		if i == 0 {
			if mib := idle(t, p, promisedMemory); mib > promisedMemory {
				t.Errorf("an idle server takes %.0f MiB, more than %d", mib, promisedMemory)
			}
		}
		p.kill()
	}
	if best > 4*promisedStart {
		t.Errorf("the first answer came after %v, want less than %v on a quiet machine", best, promisedStart)
	}
}

// BenchmarkStart tells the time to the first answer and the memory of a server that has
// nothing to do.
func BenchmarkStart(b *testing.B) {
	var took time.Duration
	var mib float64
	for b.Loop() {
		p, d := begin(b)
		took += d
		mib = max(mib, idle(b, p, 0))
		p.kill()
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/start")
	b.ReportMetric(mib, "MiB")
}
