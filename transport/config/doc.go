// Package config is the configuration of a server: its keys, their defaults, how a file
// and the environment are read, and what is wrong with them. It is for programs that start
// a server, and for those that look at a configuration without one; it starts and opens
// nothing.
//
//	c, err := config.Load("stagedoor.yaml", os.Environ())
//
// [Load] lays a YAML file and the variables STAGEDOOR_* over [Default] and returns every
// fault there is, together, as [Faults]. A program that needs no file begins with [Dev] or
// [Default], changes fields and calls [Config.Validate].
package config
