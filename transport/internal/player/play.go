package player

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"stagedoor/transport/internal/device"
)

// Play is a story played by one kind of client.
type Play struct {
	Story  *Story
	Client string
}

// Name is unique among the plays of a folder: STORY [CLIENT].
func (p Play) Name() string { return p.Story.Name + " [" + p.Client + "]" }

// Plays are the plays of stories, those of the named clients only, all if none is named.
func Plays(stories []*Story, clients ...string) []Play {
	var out []Play
	for _, s := range stories {
		for _, c := range s.Clients {
			if len(clients) == 0 || contains(clients, c) {
				out = append(out, Play{s, c})
			}
		}
	}
	return out
}

// Result is what a play came to.
type Result struct {
	Play Play
	// Passed says that all was as it must be, Skipped why it was not played.
	Passed  bool
	Skipped string
	// Steps are the steps that were played, the last one where it departs.
	Steps []StepResult
	// Remarks say what a reader should know of a play that passes all the same.
	Remarks []string
	// Faults are what departs after the last step: trails, and steps that a recording
	// has besides.
	Faults []Difference
}

// StepResult is one step as it was played.
type StepResult struct {
	// Path is the place of the step, 2.1 being the first of the macro that is step 2;
	// Line is its line in the file.
	Path string
	Line int
	// Label names the step, Note is what its author says of it.
	Label, Note string
	// Summary says what came of it, in a few words; Body is the answer with what differs
	// from time to time written as its type.
	Summary string
	Body    any
	// Turns are what runs did.
	Turns []Turn
	// Faults are where it departs.
	Faults []Difference
}

// play is a play under way.
type play struct {
	story   *Story
	kind    string
	world   *World
	source  *rand.ChaCha8
	random  *rand.Rand
	vars    map[string]any
	known   []known
	clients map[string]*client
	keys    *device.Passkeys
	app     device.App
	last    any
	ip      string
	trails  []runTrail
	remarks []string
}

// runTrail is what is known of one run.
type runTrail struct {
	run string
	Trail
}

// Run plays a play against a target. It fails only where the target itself does; what the
// server does wrong is in the result.
func Run(ctx context.Context, one Play, target Target) (r Result) {
	r.Play = one
	defer func() {
		if ctx.Err() != nil && !r.Passed {
			r.Skipped = "interrupted"
		}
	}()
	if ctx.Err() != nil {
		return r
	}
	steps, err := one.Story.expand(one.Client)
	if err != nil {
		r.Faults = []Difference{failure(err)}
		return r
	}
	world, err := target(ctx, one.Story, one.Client)
	if errors.Is(err, ErrSkip) {
		r.Skipped = err.Error()
		return r
	}
	if err != nil {
		r.Faults = []Difference{failure(err)}
		return r
	}
	if world.Close != nil {
		defer func() {
			if err := world.Close(); err != nil {
				r.Passed, r.Faults = false, append(r.Faults, failure(fmt.Errorf("the server does not end: %w", err)))
			}
		}()
	}
	p := newPlay(one, world)
	p.perform(ctx, steps, &r)
	r.Remarks = p.remarks
	return r
}

func newPlay(one Play, w *World) *play {
	source := rand.NewChaCha8(w.Seed)
	p := &play{
		story: one.Story, kind: one.Client, world: w, source: source, random: rand.New(source), vars: map[string]any{},
		clients: map[string]*client{}, keys: device.NewPasskeys(source),
	}
	p.ip = fmt.Sprintf("10.%d.%d.%d", p.random.IntN(256), p.random.IntN(256), 1+p.random.IntN(250))
	return p
}

// perform plays the steps until one departs.
func (p *play) perform(ctx context.Context, steps []Step, r *Result) {
	for _, name := range p.story.Binds {
		if err := p.equip(p.client(name)); err != nil {
			r.Faults = append(r.Faults, failure(err))
			return
		}
	}
	if err := p.makeAccounts(ctx); err != nil {
		if errors.Is(err, ErrSkip) {
			r.Skipped = err.Error()
			return
		}
		r.Faults = append(r.Faults, failure(err))
		return
	}
	p.comparePrints()
	recording, recorded := p.story.recorded[p.kind]
	if p.story.recorded != nil && !recorded {
		r.Faults = append(r.Faults, failure(fmt.Errorf("nothing is recorded for the client %s", p.kind)))
		return
	}
	for i := range steps {
		s := &steps[i]
		var want *recordedStep
		if recorded && s.answers() {
			if len(recording) == 0 {
				r.Faults = append(r.Faults, failure(fmt.Errorf("line %d: the recording ends before step %s", s.Line, s.path)))
				return
			}
			want, recording = &recording[0], recording[1:]
		}
		m := p.playStep(ctx, s, want)
		r.Steps = append(r.Steps, m)
		if len(m.Faults) > 0 {
			return
		}
	}
	if len(recording) > 0 {
		r.Faults = append(r.Faults, failure(fmt.Errorf("the recording goes on after the last step, with %s", recording[0].Step)))
		return
	}
	r.Faults = p.compareTrails()
	r.Passed = len(r.Faults) == 0
}

// playStep plays one step and compares what comes of it.
func (p *play) playStep(ctx context.Context, s *Step, want *recordedStep) StepResult {
	m := StepResult{Path: s.path, Line: s.Line, Label: s.Label(), Note: s.Note}
	got, err := p.step(ctx, s, want)
	c := p.client(s.As)
	told := c.told()
	if p.world.Turns != nil {
		turns := p.world.Turns()
		p.addTurns(s, turns)
		if s.Burst < 2 { // the order of a burst differs each time
			m.Turns = turns
		}
	}
	m.Summary, m.Body = got.summary(s), got.rec.Body
	if err != nil {
		m.Faults = append(m.Faults, failure(err))
	}
	if got.answered {
		m.Faults = append(m.Faults, p.expect(s, got)...)
		if want != nil {
			m.Faults = append(m.Faults, compareRecorded(*want, got.rec)...)
		}
	}
	if len(m.Faults) == 0 {
		m.Faults = p.expectBinding(s, c, told)
	}
	if s.Trail != nil && len(m.Faults) == 0 {
		m.Faults = p.compareTurns(s, m.Turns)
	}
	return m
}

// outcome is what came of one step.
type outcome struct {
	// answered says that there is something to compare.
	answered bool
	rec      recordedStep
	// reply is the answer, kinds are those of the messages.
	reply *reply
	kinds []string
}

// step plays one step.
func (p *play) step(ctx context.Context, s *Step, want *recordedStep) (outcome, error) {
	c := p.client(s.As)
	var got outcome
	err := c.skips(s)
	switch {
	case err != nil:
	case s.Req != "":
		got, err = p.ask(ctx, s, c)
	case s.Mail != "":
		got, err = p.read(ctx, s, c, s.Mail, want)
	case s.SMS != "":
		got, err = p.read(ctx, s, c, s.SMS, want)
	case s.OIDC != nil:
		got, err = p.authorize(ctx, s, c)
	case s.Sleep > 0:
		err = p.world.Pass(ctx, time.Duration(s.Sleep))
	case s.Advance > 0:
		err = p.world.Pass(ctx, time.Duration(s.Advance))
	case s.Drop == "key":
		err = p.losesKey(c)
	case s.Drop != "":
		c.drop(s.Drop)
	case s.Steal != "":
		err = p.steal(s.Steal, c)
	case s.Set != nil:
		err = p.set(s.Set, c)
	}
	if err != nil {
		return got, err
	}
	for _, name := range sorted(s.Capture) {
		v, err := p.eval(s.Capture[name], c)
		if err != nil {
			return got, fmt.Errorf("capture %s: %w", name, err)
		}
		p.vars[name] = v
	}
	return got, nil
}

// client is the one at a device.
func (p *play) client(name string) *client {
	if name == "" {
		name = "main"
	}
	c := p.clients[name]
	if c == nil {
		c = &client{kind: p.kind, name: name, cookies: map[string]string{}}
		p.clients[name] = c
	}
	return c
}

func (p *play) set(values map[string]any, c *client) error {
	for _, name := range sorted(values) {
		v, err := p.fill(values[name], c)
		if err != nil {
			return err
		}
		p.vars[name] = v
	}
	return nil
}

// ask sends the request of a step, or several at once.
func (p *play) ask(ctx context.Context, s *Step, c *client) (outcome, error) {
	got := outcome{rec: recordedStep{Step: s.Label()}}
	if err := p.prime(ctx, c); err != nil {
		return got, err
	}
	req, body, err := p.request(ctx, s, c)
	if err != nil {
		return got, err
	}
	if s.Burst > 1 {
		return p.burst(s, c, req, body)
	}
	r, err := p.send(req, c)
	if err != nil {
		return got, err
	}
	return p.answered(s, c, req, r), nil
}

// answered is what an answer comes to, once the client has learned from it.
func (p *play) answered(s *Step, c *client, req *http.Request, r *reply) outcome {
	got := outcome{answered: true, reply: r, rec: recordedStep{Step: s.Label(), Status: r.status}}
	got.rec.Cookies = c.storeCookies(r.header, p.world.Now())
	c.location = r.header.Get("Location")
	got.rec.Location = p.locationOf(c.location)
	for _, name := range s.ShowHeaders {
		got.rec.Headers = append(got.rec.Headers, headerFact(name, r.header.Get(name)))
	}
	if r.isJSON {
		p.last = r.body
		c.learn(req, r)
	}
	got.rec.NonJSON = !r.isJSON || s.StatusOnly
	if !got.rec.NonJSON {
		got.rec.Body = p.normal(r.body, "", "")
		for _, path := range append(append([]string{}, p.story.Ignore...), s.Ignore...) {
			got.rec.Body = ignored(got.rec.Body, path)
		}
	}
	return got
}
