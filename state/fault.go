package state

import (
	"fmt"
	"runtime"
)

// Fault is what may be logged of the value of a panic: the text of the runtime's own errors, and
// only the type of anything else, which may have a secret in it. The stack says where it was.
func Fault(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}
