package passkey

import (
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// Related is the document that names the pages of other domains which may run ceremonies
// (section 5.11), as JSON; with no origins it names none. It fails where there are more names
// than clients read: five, of which example.com and example.co.uk are one.
func Related(origins []string) ([]byte, error) {
	document := &protocol.RelatedOrigins{Origins: []string{}}
	if len(origins) > 0 {
		var err error
		if document, err = protocol.NewRelatedOrigins(origins...); err != nil {
			return nil, fmt.Errorf("webauthn related origins: %w", err)
		}
	}
	return json.Marshal(document)
}
