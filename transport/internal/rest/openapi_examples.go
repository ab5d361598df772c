package rest

import (
	_ "embed" // for what was recorded
	"encoding/json"
	"net/http"

	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// recorded are answers of servers that played the stories of testdata/flows;
// go test ./transport/internal/stand -run Examples -update writes them anew.
//
//go:embed openapi_examples.json
var recorded []byte

// samples are what the document's examples are taken from: the configuration is this server's.
func (a *API) samples() openapi.Samples {
	out := openapi.Samples{Problems: make(map[int]json.RawMessage)}
	if json.Unmarshal(recorded, &out.Clients) != nil {
		return openapi.Samples{} // a test holds that there are examples
	}
	if config, err := json.Marshal(a.Offers); err == nil && out.Clients[""] != nil {
		out.Clients[""]["GET /config"] = openapi.Exchange{Answers: map[string][]json.RawMessage{"200": {config}}}
	}
	for _, p := range []*wire.Problem{
		wire.Forbidden(wire.CodeForbidden, nil), wire.NotFound(), wire.Unread(nil), wire.Conflict(), wire.TooManyRequests(0),
		wire.Internal(nil), wire.Unavailable(0, nil),
	} {
		if body, err := json.Marshal(problemBody(p)); err == nil {
			out.Problems[p.Status] = body
		}
	}
	out.Problems[0] = out.Problems[http.StatusInternalServerError]
	return out
}
