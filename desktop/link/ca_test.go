package link

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
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

// company makes a company's own authority, as a PEM file, and a certificate of it for this computer.
func company(t *testing.T, name string) (file string, leaf tls.Certificate) {
	t.Helper()
	sign := func(c, by *x509.Certificate, key, byKey *ecdsa.PrivateKey) []byte {
		raw, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, byKey)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caKey, key := newKey(), newKey()
	root := sign(ca, ca, caKey, caKey)
	own := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "talk"}, NotBefore: from, NotAfter: to,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leaf = tls.Certificate{Certificate: [][]byte{sign(own, ca, key, caKey)}, PrivateKey: key}
	file = filepath.Join(t.TempDir(), name+".pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, leaf
}

func TestACompanysOwnAuthorityIsTrustedWhenItsFileIsGiven(t *testing.T) {
	ours, leaf := company(t, "ours")
	theirs, _ := company(t, "theirs")
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{leaf}}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	for file, why := range map[string]protocol.LinkWhy{"": protocol.WhyCertificate, theirs: protocol.WhyCertificate, ours: ""} {
		l, err := New(Config{ExtraCA: file, Proxy: "direct"})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Try(t.Context(), srv.URL); reason(err, 0) != why || (err == nil) != (why == "") {
			t.Errorf("with %q: %v", filepath.Base(file), err)
		}
		// A WebSocket gets as far as the server, which has none.
		if k := l.upgrade(t.Context(), srv.URL, "/ws", "token"); reason(k.err, 0) != why || (k.status == http.StatusOK) != (why == "") {
			t.Errorf("a WebSocket with %q: %v, %d", filepath.Base(file), k.err, k.status)
		}
	}
	none := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(none, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{none, none + ".missing"} {
		if _, err := New(Config{ExtraCA: file}); err == nil || !strings.Contains(err.Error(), "extra certificates") {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}
