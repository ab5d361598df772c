package stand

import (
	"context"
	"strconv"

	"stagedoor/transport/internal/player"
	"stagedoor/transport/server"
)

// Add makes an account of a story on a server in this process.
func Add(ctx context.Context, s *server.Server, a player.Account) (player.Created, error) {
	n := server.NewAccount{
		Email: a.Email, Phone: a.Phone, Username: a.Username, EmailVerified: a.EmailVerified, PhoneVerified: a.PhoneVerified,
		Password: a.Password, Disabled: a.Disabled, TOTP: a.TOTP, RecoveryCodes: a.RecoveryCodes, Providers: a.Providers, Attributes: a.Attributes,
	}
	for _, c := range a.Credentials {
		n.Credentials = append(n.Credentials, server.NewCredential{Name: c.Name, Passkey: c.Passkey, Answer: c.Answer})
	}
	added, err := s.AddAccount(ctx, n)
	if err != nil {
		return player.Created{}, err
	}
	id, err := strconv.ParseInt(string(added.ID), 10, 64) // it was drawn
	return player.Created{ID: id, Secret: added.TOTPSecret, RecoveryCodes: added.RecoveryCodes}, err
}
