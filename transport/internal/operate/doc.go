// Package operate is what operators ask of a server and do to its accounts: why a run went
// where it went ([Explainer]), the same over HTTP under a token of theirs ([Admin]), what was
// recorded ([Stories]), and changes of accounts past every flow ([Operator]). It works on
// contracts; which database they are is decided by its caller.
package operate
