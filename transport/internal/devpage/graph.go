package devpage

import (
	"bytes"
	"net/http"
	"strings"

	"stagedoor/engine"
	"stagedoor/engine/draw"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// drawFlow answers the picture of a flow as SVG, drawn when it is asked for. With wire in
// the query the node that is pending under that id is set off.
func (p *Page) drawFlow(w http.ResponseWriter, r *http.Request) {
	id, isSVG := strings.CutSuffix(r.PathValue("file"), draw.SVGFile.Extension())
	flow := p.Flows.Flow(engine.FlowID(id))
	if flow == nil || !isSVG {
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	var o draw.Options
	if pending := r.URL.Query().Get("wire"); pending != "" {
		var ok bool
		if o.At, ok = flow.ByWire(pending); !ok {
			headless.WriteProblem(w, r, wire.NotFound())
			return
		}
	}
	var b bytes.Buffer
	// A buffer takes everything.
	_ = draw.SVG(&b, flow.Graph, o)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b.Bytes())
}
