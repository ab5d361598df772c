package contract

// holdsDPoP says why a session whose tokens are bound by DPoP is not this request's.
func (c *Call) holdsDPoP(v *Visit) (why string) {
	if c.Shown != v.Ticket.Binding.Thumbprint {
		return "no_proof"
	}
	return ""
}

// holdsRecord is the same for the record of a client that is not signed in.
func (c *Call) holdsRecord(v *Visit) (why string) {
	if c.Shown != v.Entry.Record.Holder {
		return "no_proof"
	}
	return ""
}
