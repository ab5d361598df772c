package contract

// holdsDBSC says why a session that is bound by Device Bound Session Credentials is not this
// request's.
func (c *Call) holdsDBSC(*Visit) (why string) { return "unsupported" }
