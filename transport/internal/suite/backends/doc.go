// Package backends runs whole servers on the stores that people have: PostgreSQL behind a
// pooler or over TLS, Redis on a socket, over TLS or as a Cluster, and finds out what they say
// where one of them fails.
package backends
