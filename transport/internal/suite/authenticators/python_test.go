package authenticators

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// pythonFido2 is python-fido2's client before a device of our own, which speaks CTAP.
func pythonFido2() family {
	row := func(name, kind, algorithm string) variant {
		alone := kind == "ctap2"
		return variant{row: name, made: []string{kind, algorithm}, keeps: alone, verifies: alone}
	}
	unknown := row("CTAP 2.0, ML-DSA-65 alone", "ctap2", "-49")
	unknown.unknown = true
	return family{
		name: "python-fido2", version: pinned("python/requirements.txt", "fido2=="),
		open: func(t *testing.T, l *suite.Lab) opener {
			suite.Require(t, "authenticators")
			p := suite.NewProject(t, projects+"/python")
			p.Pip()
			return func(t *testing.T, v variant) device {
				return newPipe(t, p, "python3", append([]string{"device.py", l.Config.Origin()}, v.made.([]string)...)...)
			}
		},
		variants: []variant{
			row("CTAP 1", "ctap1", "-7"),
			row("CTAP 2.0, keeps no passkeys", "plain", "-7"),
			row("CTAP 2.0, ES256", "ctap2", "-7"),
			row("CTAP 2.0, EdDSA alone", "ctap2", "-8"),
			row("CTAP 2.0, ES384 alone", "ctap2", "-35"),
			row("CTAP 2.0, ES512 alone", "ctap2", "-36"),
			row("CTAP 2.0, RS256 alone", "ctap2", "-257"),
			unknown,
		},
	}
}
