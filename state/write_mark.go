package state

// What stores can be asked to write. Nothing else can be handed to one: the engine's turns
// take a write by this mark, unread, and stores by [Write].

// AccountWrite marks a write.
func (AddAuthenticator) AccountWrite() {}

// AccountWrite marks a write.
func (AddEmail) AccountWrite() {}

// AccountWrite marks a write.
func (Audit) AccountWrite() {}

// AccountWrite marks a write.
func (BindSession) AccountWrite() {}

// AccountWrite marks a write.
func (ConnectProvider) AccountWrite() {}

// AccountWrite marks a write.
func (CreateAccount) AccountWrite() {}

// AccountWrite marks a write.
func (DisconnectProvider) AccountWrite() {}

// AccountWrite marks a write.
func (EndSessions) AccountWrite() {}

// AccountWrite marks a write.
func (LogMethods) AccountWrite() {}

// AccountWrite marks a write.
func (NoteLogin) AccountWrite() {}

// AccountWrite marks a write.
func (NoteProviderSession) AccountWrite() {}

// AccountWrite marks a write.
func (ProveContact) AccountWrite() {}

// AccountWrite marks a write.
func (Queue) AccountWrite() {}

// AccountWrite marks a write.
func (RaiseEpoch) AccountWrite() {}

// AccountWrite marks a write.
func (RemoveAuthenticators) AccountWrite() {}

// AccountWrite marks a write.
func (RemoveEmail) AccountWrite() {}

// AccountWrite marks a write.
func (RenameAuthenticator) AccountWrite() {}

// AccountWrite marks a write.
func (RenewSession) AccountWrite() {}

// AccountWrite marks a write.
func (SetActive) AccountWrite() {}

// AccountWrite marks a write.
func (SetAttribute) AccountWrite() {}

// AccountWrite marks a write.
func (SetPassword) AccountWrite() {}

// AccountWrite marks a write.
func (SetPhone) AccountWrite() {}

// AccountWrite marks a write.
func (SetPrimaryEmail) AccountWrite() {}

// AccountWrite marks a write.
func (SpendRecoveryCode) AccountWrite() {}

// AccountWrite marks a write.
func (SpendTOTP) AccountWrite() {}

// AccountWrite marks a write.
func (UpdateCredential) AccountWrite() {}

// AccountWrite marks a write.
func (ViewRecoveryCodes) AccountWrite() {}
