// Package servers holds several servers to what one of them promises: processes of the
// command on one PostgreSQL and one Redis, behind haproxy and nginx as the README sets them up,
// killed, restarted and of different releases.
package servers
