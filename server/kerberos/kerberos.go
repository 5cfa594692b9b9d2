// Package kerberos says whose a Kerberos ticket is that a browser or a program shows by SPNEGO (RFC 4559, RFC 4178).
// It knows the keys of our service and the realms that count; it does not know accounts, HTTP or the database.
// It asks nobody: whatever it needs stands in the ticket and in the keytab.
package kerberos

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/addrtype"
	"github.com/jcmturner/gokrb5/v8/iana/chksumtype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Config sets up a Service.
type Config struct {
	// Keytab is the file with the keys of Service, HTTP/host@REALM.
	Keytab, Service string
	// Realms are those whose people count; none is that of Service alone.
	Realms []string
	// Skew is how far the clocks of others may be off.
	Skew time.Duration
	Log  *slog.Logger
}

// Service proves tickets.
type Service struct {
	name   principal
	realms []string
	skew   time.Duration
	keys   keys
}

// principal is a name in a realm.
type principal struct {
	parts []string
	realm string
}

func (p principal) String() string { return strings.Join(p.parts, "/") + "@" + p.realm }

func (p principal) is(parts []string, realm string) bool {
	return p.realm == realm && slices.Equal(p.parts, parts)
}

// errService says how a service is named.
var errService = errors.New("want a service such as HTTP/talk.example.com@EXAMPLE.COM")

func serviceOf(s string) (principal, error) {
	name, realm, named := strings.Cut(s, "@")
	if !named {
		return principal{}, errService
	}
	return principal{strings.Split(name, "/"), realm}, nil
}

// Open reads the keytab, which must hold a key of the service.
func Open(c Config) (*Service, error) {
	name, err := serviceOf(c.Service)
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{name: name, realms: c.Realms, skew: c.Skew, keys: keys{file: c.Keytab, service: name, log: c.Log}}
	if len(s.realms) == 0 {
		s.realms = []string{name.realm}
	}
	return s, s.keys.load()
}

// Proof is whose a ticket is.
type Proof struct {
	// Name is the one part of the name, as the realm writes it.
	Name, Realm string
	// Mark tells one showing of a ticket from every other, until Until; a mark that comes again was copied on its way.
	Mark  string
	Until time.Time
}

// Bad is why a ticket does not count. The log may say it, its bearer need not know.
type Bad struct{ why string }

func (b *Bad) Error() string { return b.why }

func bad(format string, args ...any) error { return &Bad{fmt.Sprintf(format, args...)} }

// mostToken bounds what is read: a ticket of somebody in a thousand groups of Active Directory has 48 KB.
const mostToken = 64 << 10

// Prove returns whose a token is. A ticket counts from the addresses that it names, if it names any. What does not
// count is a *Bad.
func (s *Service) Prove(token []byte, from netip.Addr) (p Proof, err error) {
	defer func() {
		if fault := recover(); fault != nil { // the library trusts the lengths that strangers write
			p, err = Proof{}, bad("it cannot be read: %v", fault)
		}
	}()
	if len(token) == 0 || len(token) > mostToken {
		return p, bad("it has %d bytes", len(token))
	}
	ask, err := request(token)
	if err != nil {
		return p, err
	}
	// The library would take the key of whatever service the ticket names.
	if !s.name.is(ask.Ticket.SName.NameString, ask.Ticket.Realm) {
		return p, bad("it is for another service")
	}
	if ok, err := ask.Verify(s.keys.now(), s.skew, hostAddress(from), nil); err != nil || !ok {
		return p, bad("it does not hold: %v", err)
	}
	// The name in the ticket counts, not what its bearer says beside it.
	said := ask.Ticket.DecryptedEncPart
	switch {
	case ask.Authenticator.CRealm != said.CRealm:
		return p, bad("its bearer names another realm")
	case ask.Authenticator.Cksum.CksumType != chksumtype.GSSAPI:
		return p, bad("it was made for another protocol")
	case !slices.Contains(s.realms, said.CRealm):
		return p, bad("its realm does not count here")
	case len(said.CName.NameString) != 1 || said.CName.NameString[0] == "":
		return p, bad("it is of no person")
	}
	mark := sha256.Sum256(ask.EncryptedAuthenticator.Cipher)
	return Proof{
		Name: said.CName.NameString[0], Realm: said.CRealm,
		Mark: hex.EncodeToString(mark[:]), Until: ask.Authenticator.CTime.Add(s.skew),
	}, nil
}

// request finds the request in a token: inside SPNEGO, as browsers send it, or bare, as some programs do.
func request(token []byte) (messages.APReq, error) {
	if strings.HasPrefix(string(token), "NTLMSSP\x00") {
		return messages.APReq{}, bad("it is NTLM, no Kerberos")
	}
	inner := token
	var outer spnego.SPNEGOToken
	if err := outer.Unmarshal(token); err == nil {
		if !outer.Init {
			return messages.APReq{}, bad("it begins in the middle")
		}
		if len(outer.NegTokenInit.MechTypes) == 0 || !kerberosMech(outer.NegTokenInit.MechTypes[0]) {
			return messages.APReq{}, bad("it prefers something else than Kerberos")
		}
		inner = outer.NegTokenInit.MechTokenBytes
	}
	var t spnego.KRB5Token
	if err := t.Unmarshal(inner); err != nil {
		return messages.APReq{}, bad("it cannot be read: %v", err)
	}
	if !t.IsAPReq() {
		return messages.APReq{}, bad("it asks for nothing")
	}
	return t.APReq, nil
}

// kerberosMech reports whether an id is that of Kerberos; Windows writes an older one too.
func kerberosMech(id []int) bool {
	return slices.Equal(id, gssapi.OIDKRB5.OID()) || slices.Equal(id, gssapi.OIDMSLegacyKRB5.OID())
}

func hostAddress(from netip.Addr) types.HostAddress {
	from = from.Unmap()
	if !from.IsValid() {
		return types.HostAddress{}
	}
	kind := addrtype.IPv4
	if from.Is6() {
		kind = addrtype.IPv6
	}
	return types.HostAddress{AddrType: kind, Address: from.AsSlice()}
}
