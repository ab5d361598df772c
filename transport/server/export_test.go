package server

import (
	"stagedoor/state"
	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/internal/record"
	"stagedoor/transport/internal/trails"
)

// What tests of this package look at in a server.

// Database is what the server keeps.
func (s *Server) Database() Stores { return s.database }

// Ledger is where what is no turn is committed.
func (s *Server) Ledger() state.Ledger { return s.ledger() }

// Mailbox is the development mailbox, nil where there is none.
func (s *Server) Mailbox() *deliver.Mailbox { return s.mailbox }

// Recorder records, nil where nothing is recorded.
func (s *Server) Recorder() *record.Recorder { return s.recorder }

// Trails keeps trails, nil where none are kept.
func (s *Server) Trails() *trails.Keeper { return s.trails }

// NoUpkeep is the upkeep of stores that look after themselves.
type NoUpkeep = noUpkeep

// ErrNotOpen says that a store was asked before there was one.
var ErrNotOpen = errNotOpen

// StoresOf are the stores that one database is.
var StoresOf = storesOf

// SqliteFile is where an embedded database is.
var SqliteFile = sqliteFile
