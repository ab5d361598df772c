package devpage_test

import (
	"bytes"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/engine/draw"
	"stagedoor/transport/internal/suite"
)

// drawnAt is the picture of a flow with a node set off.
func drawnAt(t *testing.T, g engine.Graph, at engine.NodeID) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.SVG(&b, g, draw.Options{At: at}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageDrawsFlows: every flow of the server is drawn, with the node that is pending set off
// where that is asked for.
func TestPageDrawsFlows(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	marked := 0
	for _, f := range l.Flows().All() {
		at := "/dev/graph/" + string(f.Graph.Flow) + ".svg"
		w := l.Get("GET", l.Host(), at, "")
		if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || w.Body.String() != drawnAt(t, f.Graph, "") {
			t.Errorf("%s: status %d, %s, %.200s", at, w.Code, w.Header(), w.Body)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; style-src 'unsafe-inline'" {
			t.Errorf("%s: policy %q", at, got)
		}
		for id, n := range f.Graph.Nodes {
			if n.Stage.Wire == "" {
				continue
			}
			marked++
			if got := l.Get("GET", l.Host(), at+"?wire="+n.Stage.Wire, "").Body.String(); got != drawnAt(t, f.Graph, id) || !strings.Contains(got, `class="draw-here"`) {
				t.Errorf("%s: %s is not set off", at, id)
			}
		}
	}
	if marked == 0 {
		t.Error("no node was set off")
	}
}

// TestPageDrawsNothingElse: what is no flow of the server is not there, and nothing is
// drawn for a name that is not this server's.
func TestPageDrawsNothingElse(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	for at, want := range map[string]int{
		"/dev/graph/login": 404, "/dev/graph/login.png": 404, "/dev/graph/logn.svg": 404, "/dev/graph/.svg": 404,
		"/dev/graph/login.svg?wire=nowhere": 404, "/dev/graph/login.svg?wire=<script>": 404, "/dev/graph/login.svg?wire=": 200,
	} {
		if w := l.Get("GET", l.Host(), at, ""); w.Code != want {
			t.Errorf("%s: status %d, want %d", at, w.Code, want)
		}
	}
	if w := l.Get("GET", "evil.example", "/dev/graph/login.svg", ""); w.Code != 403 {
		t.Errorf("under another name: status %d", w.Code)
	}
	if w := suite.NewLab(t).Get("GET", "localhost", "/dev/graph/login.svg", ""); w.Code != 404 {
		t.Errorf("on a server that is none for development: status %d", w.Code)
	}
}
