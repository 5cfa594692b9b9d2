package kdctest

import (
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/chksumtype"
	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Show returns what a program of somebody shows to a service: a ticket of the centre, inside SPNEGO.
func (c *Centre) Show(who, service string) []byte {
	c.t.Helper()
	cl := c.Client(who)
	tkt, key, err := cl.GetServiceTicket(service)
	if err != nil {
		c.t.Fatal(err)
	}
	return token(c.t, cl, tkt, key, nil)
}

// Forged is a ticket that no centre gave, made with the key of a service, and what its bearer says beside it. The zero
// value of a field is what an honest ticket of kim has.
type Forged struct {
	// Name has parts, Realm is his; Service is in Realm too, its key is in the file Keytab.
	Name    []string
	Realm   string
	Service string
	Keytab  string
	// From and Until say when it counts, from now.
	From, Until time.Duration
	// Says changes what the bearer says.
	Says func(a *types.Authenticator)
}

// Forge returns what a program shows that has such a ticket.
func (c *Centre) Forge(f Forged) []byte {
	c.t.Helper()
	if f.Name == nil {
		f.Name = []string{"kim"}
	}
	if f.Realm == "" {
		f.Realm = Realm
	}
	if f.Service == "" {
		f.Service = Service
	}
	if f.Keytab == "" {
		f.Keytab = c.Keytab
	}
	if f.Until == 0 {
		f.Until = time.Hour
	}
	now := time.Now().UTC()
	name := types.PrincipalName{NameType: nametype.KRB_NT_PRINCIPAL, NameString: f.Name}
	service, _ := types.ParseSPNString(f.Service)
	keys := c.Keys(f.Keytab)
	tkt, key, err := messages.NewTicket(name, f.Realm, named(keys, service), Realm, types.NewKrbFlags(), keys, etypeID.AES256_CTS_HMAC_SHA1_96, 0,
		now.Add(f.From), now.Add(f.From), now.Add(f.Until), now.Add(f.Until))
	if err != nil {
		c.t.Fatal(err)
	}
	tkt.SName = service
	cl := client.NewWithPassword(f.Name[0], f.Realm, Secret, config.New())
	said, err := types.NewAuthenticator(f.Realm, name)
	if err != nil {
		c.t.Fatal(err)
	}
	said.Cksum = types.Checksum{CksumType: chksumtype.GSSAPI, Checksum: make([]byte, 24)}
	said.Cksum.Checksum[0] = 16
	if f.Says != nil {
		f.Says(&said)
	}
	return token(c.t, cl, tkt, key, &said)
}

// named is the name in a keytab, for one that claims to be another.
func named(keys *keytab.Keytab, otherwise types.PrincipalName) types.PrincipalName {
	for _, e := range keys.Entries {
		return types.PrincipalName{NameType: otherwise.NameType, NameString: e.Principal.Components}
	}
	return otherwise
}

func token(t testing.TB, cl *client.Client, tkt messages.Ticket, key types.EncryptionKey, said *types.Authenticator) []byte {
	t.Helper()
	inner, err := spnego.NewKRB5TokenAPREQ(cl, tkt, key, []int{gssapi.ContextFlagInteg}, nil)
	if err == nil && said != nil {
		inner.APReq, err = messages.NewAPReq(tkt, key, *said)
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := inner.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	outer := spnego.SPNEGOToken{Init: true, NegTokenInit: spnego.NegTokenInit{MechTypes: []asn1.ObjectIdentifier{gssapi.OIDKRB5.OID()}, MechTokenBytes: raw}}
	raw, err = outer.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
