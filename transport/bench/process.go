package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNoProc says that this system does not tell what processes use.
var ErrNoProc = errors.New("there is no /proc here, so that the processor and memory of processes are not counted")

// Process is one that is watched, with all it has started: the workers of a server, the
// backends of a database.
type Process struct {
	// Name is what it is called in reports; several of one name are counted together.
	Name string
	PID  int
}

// Use is what processes of one name have used.
type Use struct {
	Name string `json:"name"`
	// CPU is the time on processors, of user and system, PerJourney that for each journey.
	CPU        time.Duration `json:"cpu_ns"`
	PerJourney time.Duration `json:"cpu_per_journey_ns"`
	// Before and After are resident memory in bytes, Peak the largest that was seen between.
	Before int64 `json:"rss_before"`
	After  int64 `json:"rss_after"`
	Peak   int64 `json:"rss_peak"`
}

// proc is where the kernel tells of processes.
const proc = "/proc"

// family is a process with all its descendants.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		lists, _ := filepath.Glob(filepath.Join(proc, strconv.Itoa(all[i]), "task", "*", "children"))
		for _, file := range lists {
			text, _ := os.ReadFile(file)
			for _, child := range strings.Fields(string(text)) {
				if id, err := strconv.Atoi(child); err == nil && !slices.Contains(all, id) {
					all = append(all, id)
				}
			}
		}
	}
	return all
}

// cpuTimes is how long each process of some, with all they have started, has been on processors, as the
// scheduler counts it. Threads that have ended are not in it.
func cpuTimes(list []Process) (map[int]time.Duration, error) {
	out := make(map[int]time.Duration)
	for _, p := range list {
		for i, id := range family(p.PID) {
			threads, err := os.ReadDir(filepath.Join(proc, strconv.Itoa(id), "task"))
			if err != nil {
				if i == 0 {
					return nil, fmt.Errorf("%s: %w", p.Name, noProcess(p.PID, err))
				}
				continue // it has ended meanwhile
			}
			out[id] = 0
			for _, thread := range threads {
				text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(id), "task", thread.Name(), "schedstat"))
				if err != nil {
					continue
				}
				spent, _, _ := strings.Cut(string(text), " ")
				ns, _ := strconv.ParseInt(spent, 10, 64)
				out[id] += time.Duration(ns)
			}
		}
	}
	return out, nil
}

// spent is the time on processors between two looks. What a process had used that has ended between
// them is not known.
func spent(before, after map[int]time.Duration) time.Duration {
	var sum time.Duration
	for id, d := range after {
		sum += max(0, d-before[id])
	}
	return sum
}

// Resident is the resident memory of a process and all it has started, in bytes. What they
// share is counted for each.
func Resident(pid int) (int64, error) {
	var sum int64
	for i, id := range family(pid) {
		text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(id), "statm"))
		if err != nil {
			if i == 0 {
				return 0, noProcess(pid, err)
			}
			continue
		}
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			sum += pages * int64(os.Getpagesize())
		}
	}
	return sum, nil
}

// noProcess says that a process is not there, or that nobody tells.
func noProcess(pid int, err error) error {
	if _, missing := os.Stat(filepath.Join(proc, "self", "stat")); missing != nil {
		return ErrNoProc
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no process %d", pid)
	}
	return err
}

// look is how often processes are looked at: what one uses that ends before the next look is lost.
const look = 200 * time.Millisecond

// watched are the processes of one name.
type watched struct {
	list []Process
	last map[int]time.Duration
	use  Use
}

// look counts what was used since the last look.
func (w *watched) look() error {
	now, err := cpuTimes(w.list)
	if err != nil {
		return err
	}
	if w.last != nil {
		w.use.CPU += spent(w.last, now)
	}
	w.last, w.use.After = now, 0
	for _, p := range w.list {
		memory, err := Resident(p.PID)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		w.use.After += memory
	}
	w.use.Peak = max(w.use.Peak, w.use.After)
	return nil
}

// watch begins to watch processes. What it returns ends that, and says what was used since, in the
// order of names given.
func watch(list []Process) (func() []Use, error) {
	var all []*watched
	for _, p := range list {
		i := slices.IndexFunc(all, func(w *watched) bool { return w.use.Name == p.Name })
		if i < 0 {
			i, all = len(all), append(all, &watched{use: Use{Name: p.Name}})
		}
		all[i].list = append(all[i].list, p)
	}
	for _, w := range all {
		if err := w.look(); err != nil {
			return nil, err
		}
		w.use.Before = w.use.After
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for ended := false; !ended; {
			select {
			case <-stop:
				ended = true
			case <-time.After(look):
			}
			for _, w := range all {
				_ = w.look() // it has ended; what it had used is counted
			}
		}
	}()
	return func() []Use {
		close(stop)
		<-stopped
		var uses []Use
		for _, w := range all {
			uses = append(uses, w.use)
		}
		return uses
	}, nil
}
