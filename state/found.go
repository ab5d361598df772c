package state

// FoundAccount marks what a handler may hand on as the account that it read.
func (*Account) FoundAccount() {}
