package devpage

import (
	"net/http"
	"strings"

	"stagedoor/transport/internal/wire"
)

// noteView is a line of [config.Config.Notes], taken apart.
type noteView struct {
	About string `json:"about"`
	Says  string `json:"says"`
	Hint  string `json:"hint,omitempty"`
}

// about answers what is running.
func (p *Page) about(w http.ResponseWriter, _ *http.Request) {
	wire.Quiet(w)
	notes := make([]noteView, 0, len(p.Notes))
	for _, note := range p.Notes {
		about, says, _ := strings.Cut(note, ": ")
		says, hint, _ := strings.Cut(says, "; ")
		notes = append(notes, noteView{About: about, Says: says, Hint: hint})
	}
	writeJSON(w, struct {
		Version string     `json:"version"`
		Origin  string     `json:"origin"`
		Notes   []noteView `json:"notes"`
	}{p.Version, p.Origin, notes})
}
