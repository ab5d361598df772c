package bindings

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestReactNative compiles the example for React Native, and walks with it rendered by
// react-native's jest preset, over react-native's own fetch. No telephone runs it.
func TestReactNative(t *testing.T) {
	t.Parallel()
	suite.Require(t, "bindings")
	p := suite.NewProject(t, projects+"/native")
	p.NPM()
	p.Copy(examples, "examples")
	put(p)
	p.Run("tsc -p tsconfig.json")
	l := newLab(t, "http://localhost:3000")
	p.Env = append(p.Env, "SERVER="+l.URL, "DESK="+suite.NewDesk(t, l), "PASSWORD="+suite.Password, "CI=true")
	p.Run("jest")
}
