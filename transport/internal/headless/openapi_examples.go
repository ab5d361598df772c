package headless

import (
	_ "embed" // for what was recorded
	"encoding/json"

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
	for client, config := range out.Clients {
		if a.Public == nil {
			break
		}
		config["GET /config"] = openapi.Exchange{Answers: map[string][]json.RawMessage{"200": encoded(ok(a.Public), ok(a.Offers)), "410": config["GET /config"].Answers["410"]}}
		out.Clients[client] = config
	}
	for _, p := range []*wire.Problem{
		wire.Forbidden(wire.CodeCSRF, nil), wire.NotFound(), wire.MethodNotAllowed(), wire.Unread(nil), wire.Conflict(), wire.TooManyRequests(0),
		wire.Internal(nil), wire.Unavailable(0, nil),
	} {
		answered := problemAnswer(p)
		out.Problems[p.Status] = encoded(&answered)[0]
	}
	return out
}

// encoded are answers as they are written.
func encoded(answers ...*answer) []json.RawMessage {
	var out []json.RawMessage
	for _, one := range answers {
		body, err := json.Marshal(one)
		if err != nil {
			body = []byte(`{"status":500}`) // as writeJSON does
		}
		out = append(out, body)
	}
	return out
}
