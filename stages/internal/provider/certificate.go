package provider

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// keyAndCertificate finds a private key in a PEM, and the certificate beside it: nil for what there is
// none of. What is no certificate is taken for a key where nothing else is.
func keyAndCertificate(text string) (key, certificate *pem.Block) {
	var block *pem.Block
	for rest := []byte(text); ; {
		if block, rest = pem.Decode(rest); block == nil {
			return key, certificate
		}
		switch isKey := strings.HasSuffix(block.Type, "PRIVATE KEY"); {
		case block.Type == "CERTIFICATE":
			if certificate == nil {
				certificate = block
			}
		case key == nil, isKey && !strings.HasSuffix(key.Type, "PRIVATE KEY"):
			key = block
		}
	}
}

// certified notes the certificate of the key, by whose thumbprint some know the key (RFC 7515 section
// 4.1.8, x5t#S256). Microsoft does (Microsoft Entra, "Application authentication certificate
// credentials"), and by nothing else.
func (k *assertionKey) certified(block *pem.Block, demanded bool) error {
	if block == nil {
		if demanded {
			return errors.New("settings.private_key: the provider knows the key by its certificate: let that follow in the same PEM")
		}
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return errors.New("settings.private_key: the certificate beside the key cannot be read")
	}
	if public, ok := k.key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(c.PublicKey) {
		return errors.New("settings.private_key: the certificate beside the key is of another key")
	}
	sum := sha256.Sum256(c.Raw)
	k.thumbprint, k.pss = base64.RawURLEncoding.EncodeToString(sum[:]), demanded
	return nil
}
