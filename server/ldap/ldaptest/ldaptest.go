// Package ldaptest gives tests a real OpenLDAP server on private ports, with a made-up authority for TLS, which can be stopped, started and hung.
// It knows the program and a few people in it; it knows nothing of who asks.
package ldaptest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	ldap "github.com/go-ldap/ldap/v3"

	"sendjay/shared/freeport"
)

// The names of the directory.
const (
	Base = "dc=example,dc=com"
	Root = "cn=root," + Base
	// Secret is the password of Root and of everybody.
	Secret = "directory-secret"
)

// Server is an OpenLDAP server of a test.
type Server struct {
	// URL is ldap://, Safe is ldaps://, CA the file of the authority that vouches for both.
	URL, Safe, CA string

	t    testing.TB
	dir  string
	cmd  *exec.Cmd
	said bytes.Buffer
}

// Start starts a directory with a few people that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), URL: "ldap://" + freeport.Address(t), Safe: "ldaps://" + freeport.Address(t)}
	s.CA = s.certificate()
	s.Write()
	s.Run()
	t.Cleanup(s.Stop)
	s.fill()
	return s
}

// Write writes the settings anew.
func (s *Server) Write() {
	at := func(name string) string { return filepath.Join(s.dir, name) }
	if err := os.MkdirAll(at("data"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	// The attributes of Active Directory that we read stand in no schema of OpenLDAP.
	text := fmt.Sprintf(`include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( sAMAccountName $ userPrincipalName $ userAccountControl $ department ) )
attributetype ( 1.2.840.113556.1.2.141 NAME 'department' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
pidfile %s
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile %s
TLSCertificateFile %s
TLSCertificateKeyFile %s
allow bind_anon_cred bind_anon_dn
sizelimit size.soft=50 size.hard=50 size.pr=500 size.prtotal=unlimited
database mdb
maxsize 104857600
dbnosync
suffix %q
rootdn %q
rootpw %s
directory %s
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`, at("pid"), s.CA, at("server.pem"), at("server.key"), Base, Root, Secret, at("data"))
	// A class names attributes that have to be known before it.
	lines := bytes.Split([]byte(text), []byte("\n"))
	lines[6], lines[7] = lines[7], lines[6]
	if err := os.WriteFile(at("slapd.conf"), bytes.Join(lines, []byte("\n")), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// Run starts it at its ports, with what it knew before.
func (s *Server) Run() {
	s.t.Helper()
	s.said.Reset()
	program, err := exec.LookPath("slapd")
	if err != nil {
		program = "/usr/sbin/slapd" // where only root looks
	}
	s.cmd = exec.Command(program, "-h", s.URL+" "+s.Safe, "-f", filepath.Join(s.dir, "slapd.conf"), "-d", "0")
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("slapd: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := ldap.DialURL(s.URL)
		if err == nil {
			conn.Close() //nolint:errcheck,gosec // it only asked
			return
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("slapd does not answer: %v\n%s", err, s.said.String())
		case <-tick.C:
		}
	}
}

// Stop kills it. It may be called twice.
func (s *Server) Stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(syscall.SIGKILL)
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Hang lets it keep its ports and say nothing.
func (s *Server) Hang() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
}

// Do runs f as the root of the directory.
func (s *Server) Do(f func(*ldap.Conn) error) {
	s.t.Helper()
	conn, err := ldap.DialURL(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's line
	if err := conn.Bind(Root, Secret); err != nil {
		s.t.Fatal(err)
	}
	if err := f(conn); err != nil {
		s.t.Fatal(err)
	}
}

// Add adds an entry; attributes come as name, value, name, value.
func (s *Server) Add(dn string, attributes ...string) {
	s.t.Helper()
	r := ldap.NewAddRequest(dn, nil)
	values := map[string][]string{}
	var names []string
	for i := 0; i < len(attributes); i += 2 {
		if values[attributes[i]] == nil {
			names = append(names, attributes[i])
		}
		values[attributes[i]] = append(values[attributes[i]], attributes[i+1])
	}
	for _, n := range names {
		r.Attribute(n, values[n])
	}
	s.Do(func(c *ldap.Conn) error { return c.Add(r) })
}

// Person adds somebody below a folder, whose password is Secret.
func (s *Server) Person(id, name, under string, more ...string) {
	s.t.Helper()
	s.Add("uid="+id+","+under, append([]string{"objectClass", "user", "uid", id, "cn", name, "sn", name, "displayName", name, "userPassword", Secret}, more...)...)
}

// Folder adds an OU.
func (s *Server) Folder(name, under string) string {
	s.t.Helper()
	dn := "ou=" + ldap.EscapeDN(name) + "," + under
	s.Add(dn, "objectClass", "organizationalUnit", "ou", name)
	return dn
}

// fill makes the small company that most tests ask about.
func (s *Server) fill() {
	s.t.Helper()
	s.Add(Base, "objectClass", "dcObject", "objectClass", "organization", "dc", "example", "o", "Example")
	people := s.Folder("people", Base)
	s.Add("cn=search,"+Base, "objectClass", "organizationalRole", "objectClass", "simpleSecurityObject", "cn", "search", "userPassword", "search-secret")
	s.Person("kim", "김서연", people, "title", "과장", "telephoneNumber", "02-123-4567", "mail", "kim@example.com", "sAMAccountName", "kim", "userPrincipalName", "kim@corp.example.com")
	s.Person("lee", "이준호", people, "mail", "lee@example.com")
}

// certificate makes an authority and what it vouches for, and returns the file of the first.
func (s *Server) certificate() string {
	s.t.Helper()
	ca, caKey, root := Authority(s.t, s.dir)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, caKey)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	keep(s.t, filepath.Join(s.dir, "server.pem"), "CERTIFICATE", der)
	keep(s.t, filepath.Join(s.dir, "server.key"), "PRIVATE KEY", raw)
	return ca
}

// Authority makes an authority of its own and returns the file that it is kept in.
func Authority(t testing.TB, dir string) (string, *ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "made-up authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ca.pem")
	keep(t, path, "CERTIFICATE", der)
	return path, key, root
}

func keep(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Remove removes an entry.
func (s *Server) Remove(dn string) {
	s.t.Helper()
	s.Do(func(c *ldap.Conn) error { return c.Del(ldap.NewDelRequest(dn, nil)) })
}
