package authenticators

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// nid is nid-webauthn-emulator, in node.
func nid() family {
	f := family{
		name: "nid-webauthn-emulator", version: pinned("node/package.json", `"nid-webauthn-emulator": "`),
		open: func(t *testing.T, l *suite.Lab) opener {
			suite.Require(t, "authenticators")
			p := suite.NewProject(t, projects+"/node")
			p.NPM()
			return func(t *testing.T, v variant) device {
				return newPipe(t, p, "node", "device.mjs", l.Config.Origin(), v.made.(string))
			}
		},
	}
	for _, algorithm := range []string{"ES256", "EdDSA", "RS256"} {
		f.variants = append(f.variants, variant{row: algorithm, made: algorithm, keeps: true, verifies: true})
	}
	return f
}
