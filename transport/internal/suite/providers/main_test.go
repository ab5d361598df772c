package providers

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }

// root is the top of the repository; below projects are the programs that serve providers, each
// with the versions of what it needs.
const (
	root     = "../../../.."
	projects = root + "/testdata/providers"
)
