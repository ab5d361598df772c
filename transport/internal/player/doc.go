// Package player plays stories: it reads their files, sends each step to a server as the
// client it is of, with the devices of [stagedoor/transport/internal/device], and compares
// what comes back. It is for package [stagedoor/transport/replay], which documents the
// format, and for tests of whole servers; it knows a server by its answers alone.
package player
