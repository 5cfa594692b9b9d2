package link

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendjay/shared/protocol"
)

// authority is somebody who issues certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// issue makes a certificate; a nil authority signs itself.
func (a *authority) issue(t *testing.T, c *x509.Certificate) *authority {
	t.Helper()
	k := key(t)
	parent, by := c, k
	if a != nil {
		parent, by = a.cert, a.key
	}
	if c.NotBefore.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	raw, err := x509.CreateCertificate(rand.Reader, c, parent, &k.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, made, k}
}

func (a *authority) below(t *testing.T, name string) *authority {
	return a.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
}

func (a *authority) server(t *testing.T, change func(*x509.Certificate)) *authority {
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: "talk"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(c)
	return a.issue(t, c)
}

// shows starts a server that sends these certificates, the first of which is its own.
func shows(t *testing.T, all ...*authority) string {
	t.Helper()
	own := tls.Certificate{PrivateKey: all[0].key}
	for _, a := range all {
		own.Certificate = append(own.Certificate, a.cert.Raw)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

func (a *authority) file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPersonIsToldWhatIsWrongWithACertificate(t *testing.T) {
	asIs := func(*x509.Certificate) {}
	root := (*authority)(nil).below(t, "Example Root")
	between := root.below(t, "Example Issuing CA 3")
	stranger := (*authority)(nil).below(t, "Stranger Root")
	rude := (*authority)(nil).below(t, "Evil\x07\u202e"+strings.Repeat("긴", 200))
	good := between.server(t, asIs)
	trusted := root.file(t)
	sum := func(a *authority) [sha256.Size]byte { return sha256.Sum256(a.cert.RawSubjectPublicKeyInfo) }
	for name, c := range map[string]struct {
		at   string
		host string
		pins [][sha256.Size]byte
		want *protocol.CertificateFault
	}{
		"all in order":            {at: shows(t, good, between)},
		"the issuer was not sent": {at: shows(t, good), want: &protocol.CertificateFault{Kind: protocol.CertificateChain, Issuer: "Example Issuing CA 3"}},
		"a stranger's root, sent": {at: shows(t, stranger.server(t, asIs), stranger), want: &protocol.CertificateFault{Kind: protocol.CertificateIssuer, Issuer: "Stranger Root"}},
		"a stranger's, not sent":  {at: shows(t, stranger.server(t, asIs)), want: &protocol.CertificateFault{Kind: protocol.CertificateChain, Issuer: "Stranger Root"}},
		"signed by itself":        {at: shows(t, (*authority)(nil).server(t, asIs)), want: &protocol.CertificateFault{Kind: protocol.CertificateIssuer, Issuer: "talk"}},
		"a rude name":             {at: shows(t, rude.server(t, asIs), rude), want: &protocol.CertificateFault{Kind: protocol.CertificateIssuer, Issuer: "Evil" + strings.Repeat("긴", nameRunes-4)}},
		"expired":                 {at: shows(t, between.server(t, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Unix(1, 0), time.Unix(2, 0) }), between), want: &protocol.CertificateFault{Kind: protocol.CertificateDate}},
		"not valid yet": {at: shows(t, between.server(t, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
		}), between), want: &protocol.CertificateFault{Kind: protocol.CertificateDate}},
		"another server's":         {at: shows(t, between.server(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"mail.example.com"} }), between), want: &protocol.CertificateFault{Kind: protocol.CertificateName}},
		"the server's key pinned":  {at: shows(t, good, between), pins: [][sha256.Size]byte{{1}, sum(good)}},
		"the root's key pinned":    {at: shows(t, good, between), pins: [][sha256.Size]byte{sum(root)}},
		"another key pinned":       {at: shows(t, good, between), pins: [][sha256.Size]byte{sum(stranger)}, want: &protocol.CertificateFault{Kind: protocol.CertificatePinned}},
		"another key, by its name": {at: strings.Replace(shows(t, good, between), "127.0.0.1", "localhost", 1), pins: [][sha256.Size]byte{sum(stranger)}, host: "LocalHost", want: &protocol.CertificateFault{Kind: protocol.CertificatePinned}},
		"pinned, but not trusted":  {at: shows(t, stranger.server(t, asIs), stranger), pins: [][sha256.Size]byte{sum(stranger)}, want: &protocol.CertificateFault{Kind: protocol.CertificateIssuer, Issuer: "Stranger Root"}},
	} {
		l, err := New(Config{ExtraCA: trusted, Proxy: "direct", Pins: c.pins, Pinned: cmp.Or(c.host, "127.0.0.1")})
		if err != nil {
			t.Fatal(err)
		}
		for way, err := range map[string]error{"a request": l.Try(t.Context(), c.at), "a WebSocket": l.upgrade(t.Context(), c.at, "/ws", "token").err} {
			if got := certificateFault(err); !sameFault(got, c.want) {
				t.Errorf("%s, %s: %+v, want %+v (%v)", name, way, got, c.want, err)
			}
			if no := l.Unreached(err); (no.Field == string(protocol.WhyCertificate)) != (c.want != nil) || !sameFault(no.Certificate, c.want) {
				t.Errorf("%s, %s: refused as %+v", name, way, no)
			}
		}
	}
	// A pin is that of one host.
	l, err := New(Config{ExtraCA: trusted, Proxy: "direct", Pins: [][sha256.Size]byte{{1}}, Pinned: "talk.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Try(t.Context(), shows(t, good, between)); err != nil {
		t.Errorf("another host than the pinned one: %v", err)
	}
}
