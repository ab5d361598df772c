package stolen

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
