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

// CPUTime is how long a process and all it has started have been on processors, as the
// scheduler counts it, in nanoseconds. Threads that have ended are not in it.
func CPUTime(pid int) (time.Duration, error) {
	var sum time.Duration
	for i, id := range family(pid) {
		threads, err := os.ReadDir(filepath.Join(proc, strconv.Itoa(id), "task"))
		if err != nil {
			if i == 0 {
				return 0, noProcess(pid, err)
			}
			continue // it has ended meanwhile
		}
		for _, thread := range threads {
			text, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(id), "task", thread.Name(), "schedstat"))
			if err != nil {
				continue
			}
			spent, _, _ := strings.Cut(string(text), " ")
			ns, _ := strconv.ParseInt(spent, 10, 64)
			sum += time.Duration(ns)
		}
	}
	return sum, nil
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

// CPUOf is the time that processes have been on processors.
func CPUOf(list []Process) (time.Duration, error) {
	var sum time.Duration
	for _, p := range list {
		d, err := CPUTime(p.PID)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", p.Name, err)
		}
		sum += d
	}
	return sum, nil
}

// watch begins to watch processes. What it returns ends that, and says what was used since,
// in the order of names given.
func watch(list []Process) (func() []Use, error) {
	var uses []Use
	at := func(name string) *Use {
		i := slices.IndexFunc(uses, func(u Use) bool { return u.Name == name })
		if i < 0 {
			i = len(uses)
			uses = append(uses, Use{Name: name})
		}
		return &uses[i]
	}
	for _, p := range list {
		cpu, err := CPUTime(p.PID)
		memory, err2 := Resident(p.PID)
		if err = errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		u := at(p.Name)
		u.CPU -= cpu
		u.Before += memory
	}
	peaks, stop, stopped := make(map[string]int64), make(chan struct{}), make(chan struct{})
	look := func() map[string]int64 {
		now := make(map[string]int64)
		for _, p := range list {
			memory, _ := Resident(p.PID)
			now[p.Name] += memory
		}
		for name, memory := range now {
			peaks[name] = max(peaks[name], memory)
		}
		return now
	}
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
				look()
			}
		}
	}()
	return func() []Use {
		close(stop)
		<-stopped
		for _, p := range list {
			cpu, _ := CPUTime(p.PID)
			at(p.Name).CPU += cpu
		}
		now := look()
		for i := range uses {
			u := &uses[i]
			u.After, u.Peak = now[u.Name], max(peaks[u.Name], u.Before)
		}
		return uses
	}, nil
}
