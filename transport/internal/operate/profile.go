package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"

	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// profilePath is where profiles of the process are, below the mount.
const profilePath = "/pprof/"

// sendProfile is how long a profile may take on its way.
const sendProfile = time.Minute

// watched are the profiles that are taken over a time, with the seconds where nobody says and
// those that may be asked for: a trace grows by megabytes a second, in memory.
// kept are those that the runtime has at any moment. net/http/pprof has more, and is not used:
// importing it puts all of it on http.DefaultServeMux, which a program around the server may
// serve to anybody, with its command line.
var (
	watched = [...]struct {
		name          string
		seconds, most int
		take          func(ctx context.Context, out io.Writer, d time.Duration) error
	}{{"profile", 30, 300, watchCPU}, {"trace", 1, 20, watchEvents}}
	kept = [...]string{"allocs", "goroutine", "heap", "threadcreate"}
)

// errProfiles says what there is.
var errProfiles = errors.New("no such profile; there are profile and trace (?seconds=), allocs, goroutine, heap and threadcreate (?debug=1 for text, ?gc=1 to collect garbage first)")

// profileRoutes answers profiles of the process, in the format that go tool pprof and go tool
// trace read.
func (a *Admin) profileRoutes() {
	at := "GET " + a.Mount + profilePath
	for _, p := range watched {
		a.mux.HandleFunc(at+p.name, func(w http.ResponseWriter, r *http.Request) {
			seconds, err := within(r, "seconds", p.seconds, 1, p.most)
			if err != nil {
				refuse(w, http.StatusBadRequest, err)
				return
			}
			d := time.Duration(seconds) * time.Second
			// It takes longer than an answer may, by limits.write_timeout.
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d + sendProfile))
			var out bytes.Buffer
			if err := p.take(r.Context(), &out, d); err != nil {
				refuse(w, http.StatusConflict, err)
				return
			}
			writeProfile(w, p.name, out.Bytes(), false)
		})
	}
	for _, name := range kept {
		a.mux.HandleFunc(at+name, func(w http.ResponseWriter, r *http.Request) {
			debug, err := within(r, "debug", 0, 0, 2)
			if err != nil {
				refuse(w, http.StatusBadRequest, err)
				return
			}
			if collect, _ := within(r, "gc", 0, 0, 1); collect == 1 {
				runtime.GC()
			}
			var out bytes.Buffer
			if err := pprof.Lookup(name).WriteTo(&out, debug); err != nil {
				headless.WriteProblem(w, r, wire.Unavailable(0, err))
				return
			}
			writeProfile(w, name, out.Bytes(), debug > 0)
		})
	}
	a.mux.HandleFunc(at, func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, errProfiles) })
}

// within reads a number of a query.
func within(r *http.Request, name string, otherwise, least, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s is a number from %d to %d", name, least, most)
	}
	return n, nil
}

// watchCPU profiles the processor for a while. One at a time can.
func watchCPU(ctx context.Context, out io.Writer, d time.Duration) error {
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	pause(ctx, d)
	pprof.StopCPUProfile()
	return nil
}

// watchEvents traces the scheduler, the collector and the network for a while.
func watchEvents(ctx context.Context, out io.Writer, d time.Duration) error {
	if err := trace.Start(out); err != nil {
		return err
	}
	pause(ctx, d)
	trace.Stop()
	return nil
}

// pause waits, and less where nobody waits for the answer any more.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// writeProfile answers a profile, which nothing on the way may keep.
func writeProfile(w http.ResponseWriter, name string, profile []byte, text bool) {
	wire.SetAPIHeaders(w.Header())
	if text {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.pprof"`)
	}
	_, _ = w.Write(profile)
}
