package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Quantiles of a distribution of latencies.
type Quantiles struct {
	P50  time.Duration `json:"p50_ns"`
	P90  time.Duration `json:"p90_ns"`
	P99  time.Duration `json:"p99_ns"`
	P999 time.Duration `json:"p99_9_ns"`
	Max  time.Duration `json:"max_ns"`
	Mean time.Duration `json:"mean_ns"`
}

func quantiles(h *Histogram) Quantiles {
	return Quantiles{h.Quantile(0.5), h.Quantile(0.9), h.Quantile(0.99), h.Quantile(0.999), h.Max(), h.Mean()}
}

// Step is one request of a journey, or the wait for a letter.
type Step struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Quantiles
}

// Report is what came of a run. Durations are nanoseconds in JSON.
type Report struct {
	Journey     string        `json:"journey"`
	Target      string        `json:"target"`
	Contract    Contract      `json:"contract"`
	Connections int           `json:"connections"`
	Rate        float64       `json:"rate"`
	Took        time.Duration `json:"took_ns"`
	// Done is how many journeys came to their end, Failed how many did not.
	Done   int `json:"done"`
	Failed int `json:"failed"`
	// PerSecond is how many came to their end in a second.
	PerSecond float64 `json:"per_second"`
	// Latencies are of journeys that came to their end, from when they were due.
	Latencies Quantiles  `json:"latencies"`
	Bars      []Bar      `json:"histogram"`
	Steps     []Step     `json:"steps"`
	Failures  []Failures `json:"failures"`
	// Waited is how long connections have waited for codes of authenticator apps, all of them
	// together. It is in no latency, and says that there were too few accounts.
	Waited    time.Duration `json:"waited_for_codes_ns"`
	Processes []Use         `json:"processes"`
}

// report puts together what the connections have to tell.
func (r *runner) report(t Target, walks []walked, visitors []*visitor, took time.Duration, uses []Use) Report {
	var all Histogram
	failed := make(failures)
	out := Report{
		Journey: r.journey.name, Target: t.Base.String(), Contract: t.Contract, Connections: r.load.Connections, Rate: r.load.Rate,
		Took: took, Processes: uses,
	}
	for _, w := range walks {
		all.Merge(&w.latencies)
		failed.merge(w.failures)
		out.Waited += w.excused
	}
	out.Done, out.Latencies, out.Bars, out.Failures = all.Count(), quantiles(&all), all.Bars(), failed.list()
	for _, f := range out.Failures {
		out.Failed += f.Count
	}
	out.PerSecond = float64(out.Done) / took.Seconds()
	for i := range out.Processes {
		out.Processes[i].PerJourney = out.Processes[i].CPU / time.Duration(max(1, out.Done))
	}
	var names []string
	steps := make(map[string]*Histogram)
	for _, v := range visitors {
		for _, name := range v.order {
			if steps[name] == nil {
				steps[name], names = new(Histogram), append(names, name)
			}
			steps[name].Merge(v.steps[name])
		}
	}
	for _, name := range names {
		out.Steps = append(out.Steps, Step{name, steps[name].Count(), quantiles(steps[name])})
	}
	return out
}

// CPUPerJourney is the time on processors of all that was watched, for each journey that came to its end.
func (r Report) CPUPerJourney() time.Duration {
	var sum time.Duration
	for _, u := range r.Processes {
		sum += u.CPU
	}
	return sum / time.Duration(max(1, r.Done))
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Write prints the report for people.
func (r Report) Write(out io.Writer) error {
	var b strings.Builder
	how := "flat out"
	if r.Rate > 0 {
		how = fmt.Sprintf("%g/s asked for", r.Rate)
	}
	fmt.Fprintf(&b, "%s at %s, %d connections, %s\n", r.Journey, r.Target, r.Connections, how)
	fmt.Fprintf(&b, "%d done in %s, %.1f/s, %d failed\n", r.Done, short(r.Took), r.PerSecond, r.Failed)
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "  %6d  %s: %s\n", f.Count, f.Kind, strings.ReplaceAll(f.First, "\n", " "))
	}
	if r.Waited > 0 {
		fmt.Fprintf(&b, "connections waited %s for fresh codes, which is in no latency; with more accounts they wait less\n", short(r.Waited))
	}
	if r.Done > 0 {
		from := "when it began"
		if r.Rate > 0 {
			from = "when it was due"
		}
		fmt.Fprintf(&b, "latency of a journey, from %s\n", from)
		r.Latencies.line(&b, "")
		bars(&b, r.Bars)
	}
	if len(r.Steps) > 1 {
		fmt.Fprint(&b, "of its steps, from when each was asked\n")
		for _, s := range r.Steps {
			s.line(&b, s.Name)
		}
	}
	for _, u := range r.Processes {
		fmt.Fprintf(&b, "%s: %s on processors, %s for each journey (%.2f of a processor); memory %s before, %s after, %s at most\n",
			u.Name, short(u.CPU), short(u.PerJourney), u.CPU.Seconds()/r.Took.Seconds(), mib(u.Before), mib(u.After), mib(u.Peak))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// line prints quantiles.
func (q Quantiles) line(b *strings.Builder, name string) {
	text := fmt.Sprintf("  p50 %-8s p90 %-8s p99 %-8s p99.9 %-8s max %-8s %s", short(q.P50), short(q.P90), short(q.P99), short(q.P999), short(q.Max), name)
	fmt.Fprintln(b, strings.TrimRight(text, " "))
}

// bars prints a histogram.
func bars(b *strings.Builder, list []Bar) {
	if len(list) == 0 {
		return
	}
	most := slices.MaxFunc(list, func(a, b Bar) int { return cmp.Compare(a.Count, b.Count) }).Count
	for _, bar := range list {
		n := (bar.Count*40 + most - 1) / most
		fmt.Fprintf(b, "  < %-8s %8d  %s\n", short(bar.Below), bar.Count, strings.Repeat("#", n))
	}
}

// short is a duration with three digits.
func short(d time.Duration) string {
	for _, unit := range []time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond} {
		if d < 1000*unit {
			return rounded(d, unit).String()
		}
	}
	return d.Round(10 * time.Millisecond).String()
}

// rounded keeps two digits behind the point below ten of a unit, one below a hundred.
func rounded(d, unit time.Duration) time.Duration {
	switch {
	case d < 10*unit:
		return d.Round(max(1, unit/100))
	case d < 100*unit:
		return d.Round(max(1, unit/10))
	}
	return d.Round(unit)
}

// mib is a size of memory.
func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
