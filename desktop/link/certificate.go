package link

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"unicode"

	"sendjay/shared/protocol"
)

// ErrPinned says that a server's certificates hold none of the keys that IT named.
var ErrPinned = errors.New("none of the server's certificates has a key that was named")

// pins are SHA-256 sums of public keys, one of which the chain of a server must hold.
type pins [][sha256.Size]byte

// hold refuses a chain without a pinned key, as tls.Config.VerifyConnection does it, for one host alone.
func (p pins) hold(host string) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		other := !strings.EqualFold(s.ServerName, host)
		if s.ServerName == "" { // the state holds no address in numbers
			other = s.PeerCertificates[0].VerifyHostname(host) != nil
		}
		if other {
			return nil // a proxy, or a server that the person chose
		}
		for _, chain := range s.VerifiedChains {
			for _, c := range chain {
				if slices.Contains(p, sha256.Sum256(c.RawSubjectPublicKeyInfo)) {
					return nil
				}
			}
		}
		return ErrPinned
	}
}

// nameRunes bounds the name of an issuer for display.
const nameRunes = 80

// certificateFault says what is wrong with a certificate, nil where err is of another kind. What the server sent beside its
// own certificate tells a chain that was cut short from an authority that is unknown here.
func certificateFault(err error) *protocol.CertificateFault {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		sent    []*x509.Certificate
	)
	if errors.As(err, &verify) {
		sent = verify.UnverifiedCertificates
	}
	switch {
	case errors.Is(err, ErrPinned):
		return &protocol.CertificateFault{Kind: protocol.CertificatePinned}
	case errors.As(err, &host):
		return &protocol.CertificateFault{Kind: protocol.CertificateName}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &protocol.CertificateFault{Kind: protocol.CertificateDate}
	case errors.As(err, &unknown):
		if len(sent) == 0 && unknown.Cert != nil {
			sent = []*x509.Certificate{unknown.Cert}
		}
		if len(sent) == 0 {
			return &protocol.CertificateFault{}
		}
		return issuerFault(sent)
	case verify != nil, errors.As(err, &invalid):
		return &protocol.CertificateFault{}
	}
	return nil
}

// issuerFault names whom the certificates that a server sent lead to: the chain is cut short where nothing came beside the
// server's own, which somebody else signed.
func issuerFault(sent []*x509.Certificate) *protocol.CertificateFault {
	last := sent[0]
	for range sent { // servers send them in any order
		i := slices.IndexFunc(sent, func(c *x509.Certificate) bool {
			return c != last && bytes.Equal(c.RawSubject, last.RawIssuer)
		})
		if i < 0 {
			break
		}
		last = sent[i]
	}
	f := &protocol.CertificateFault{Kind: protocol.CertificateIssuer, Issuer: shown(last)}
	if last == sent[0] && !bytes.Equal(last.RawSubject, last.RawIssuer) {
		f.Kind = protocol.CertificateChain
	}
	return f
}

// shown is what an issuer calls itself: text of a stranger, so one short line of what can be printed.
func shown(c *x509.Certificate) string {
	name := c.Issuer.CommonName
	if name == "" && len(c.Issuer.Organization) > 0 {
		name = c.Issuer.Organization[0]
	}
	clean := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "")))
	return string(clean[:min(len(clean), nameRunes)])
}
