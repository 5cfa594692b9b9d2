// Package kdctest gives tests a real key distribution centre of MIT Kerberos on a private port, which knows a few people and services.
// It knows the programs and how to ask them; it knows nothing of who trusts its tickets.
package kdctest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"sendjay/shared/freeport"
)

// The names at the centre. Whoever is tested is reached at 127.0.0.1, so its service has that for a name.
const (
	Realm   = "OFFICE.EXAMPLE"
	Service = "HTTP/127.0.0.1"
	// Other is a service that is not tested.
	Other = "HTTP/payroll.example"
	// Secret is everybody's password.
	Secret = "kerberos-secret"
)

// Centre is a running centre.
type Centre struct {
	// Config is the file for KRB5_CONFIG, Keytab holds the keys of Service, OtherKeytab those of Other.
	Config, Keytab, OtherKeytab string

	t   testing.TB
	dir string
	env []string
	at  string
}

// Start starts a centre that ends with the test. It knows people by their names, such as "kim" or "kim/admin".
func Start(t testing.TB, people ...string) *Centre {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	c := &Centre{t: t, dir: dir, at: freeport.Address(t), Config: in("krb5.conf"), Keytab: in("http.keytab"), OtherKeytab: in("other.keytab")}
	c.env = append(os.Environ(), "KRB5_CONFIG="+c.Config, "KRB5_KDC_PROFILE="+in("kdc.conf"))
	c.write("krb5.conf", fmt.Sprintf(`[libdefaults]
	default_realm = %[1]s
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	udp_preference_limit = 1
	ticket_lifetime = 1h
[realms]
	%[1]s = {
		kdc = %[2]s
	}
[domain_realm]
	127.0.0.1 = %[1]s
	payroll.example = %[1]s
`, Realm, c.at))
	c.write("kdc.conf", fmt.Sprintf(`[realms]
	%[1]s = {
		database_name = %[2]s
		key_stash_file = %[3]s
		acl_file = %[4]s
		kdc_listen = %[5]s
		kdc_tcp_listen = %[5]s
		supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
	}
[logging]
	kdc = FILE:%[6]s
`, Realm, in("principal"), in("stash"), in("acl"), c.at, in("kdc.log")))
	c.run("", "kdb5_util", "-r", Realm, "create", "-s", "-P", "the master key of the tests")
	var asked strings.Builder
	for _, who := range people {
		fmt.Fprintf(&asked, "addprinc -pw %s %s\n", Secret, who)
	}
	for service, keys := range map[string]string{Service: c.Keytab, Other: c.OtherKeytab} {
		fmt.Fprintf(&asked, "addprinc -randkey %[1]s\nktadd -k %[2]s %[1]s\n", service, keys)
	}
	c.run(asked.String(), "kadmin.local", "-r", Realm)
	c.serve()
	return c
}

func (c *Centre) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// program finds what stands where only root looks.
func program(name string) string {
	if at, err := exec.LookPath(name); err == nil {
		return at
	}
	return "/usr/sbin/" + name
}

func (c *Centre) run(input, name string, args ...string) {
	c.t.Helper()
	cmd := exec.Command(program(name), args...)
	cmd.Env, cmd.Stdin = c.env, strings.NewReader(input)
	if said, err := cmd.CombinedOutput(); err != nil || bytes.Contains(said, []byte("rror")) {
		c.t.Fatalf("%s: %v\n%s", name, err, said)
	}
}

const patience = 30 * time.Second

func (c *Centre) serve() {
	c.t.Helper()
	cmd := exec.Command(program("krb5kdc"), "-r", Realm, "-n", "-P", filepath.Join(c.dir, "pid"))
	cmd.Env = c.env
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.at); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			c.t.Fatalf("krb5kdc: %s", said.String())
		case <-ctx.Done():
			c.t.Fatalf("krb5kdc does not answer: %s", said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Kinit signs somebody in and returns the file with his tickets, for KRB5CCNAME.
func (c *Centre) Kinit(who string) string {
	c.t.Helper()
	file := filepath.Join(c.dir, "cc-"+strings.ReplaceAll(who, "/", "-"))
	c.run(Secret+"\n", "kinit", "-c", "FILE:"+file, who)
	return file
}

// Client is a program of somebody who knows his password.
func (c *Centre) Client(who string) *client.Client {
	c.t.Helper()
	conf, err := config.Load(c.Config)
	if err != nil {
		c.t.Fatal(err)
	}
	cl := client.NewWithPassword(who, Realm, Secret, conf, client.DisablePAFXFAST(true))
	if err := cl.Login(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(cl.Destroy)
	return cl
}

// Keys are the keys in a file.
func (c *Centre) Keys(file string) *keytab.Keytab {
	c.t.Helper()
	k, err := keytab.Load(file)
	if err != nil {
		c.t.Fatal(err)
	}
	return k
}
