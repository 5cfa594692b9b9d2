package link

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/shared/protocol"
)

// company makes a company's own authority, as a PEM file, and a certificate of it for this computer.
func company(t *testing.T, name string) (file string, leaf tls.Certificate) {
	t.Helper()
	ca := (*authority)(nil).below(t, name)
	own := ca.server(t, func(*x509.Certificate) {})
	return ca.file(t), tls.Certificate{Certificate: [][]byte{own.cert.Raw}, PrivateKey: own.key}
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
