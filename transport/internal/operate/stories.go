package operate

import (
	"encoding/json"
	"errors"
	"net/http"

	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/record"
	"stagedoor/transport/internal/wire"
)

// errNoStory says that nothing was recorded under an id.
var errNoStory = errors.New("no story of this id, and none with such a run, was recorded since the server started")

// Stories answers what a server has recorded. Recorder is nil where nothing is.
type Stories struct{ Recorder *record.Recorder }

// Has reports whether a run is in a recorded story.
func (s Stories) Has(run string) bool {
	if s.Recorder == nil {
		return false
	}
	_, ok := s.Recorder.Fixture(run)
	return ok
}

// List answers the list of recorded stories, the latest first.
func (s Stories) List(w http.ResponseWriter, r *http.Request) {
	if s.Recorder == nil {
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	wire.Quiet(w)
	writeJSON(w, http.StatusOK, map[string]any{"stories": s.Recorder.List()})
}

// File answers the file of a recorded story, by its id or by that of one of its runs.
func (s Stories) File(w http.ResponseWriter, r *http.Request) {
	if s.Recorder != nil {
		if text, ok := s.Recorder.Fixture(r.PathValue("id")); ok {
			wire.SetAPIHeaders(w.Header())
			w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="recorded.yaml"`)
			_, _ = w.Write(text)
			return
		}
	}
	refuse(w, http.StatusNotFound, errNoStory)
}

func refuse(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

// writeJSON answers an operator. Nothing on the way may keep it.
func writeJSON(w http.ResponseWriter, status int, body any) {
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client is gone if this fails; nobody is left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
