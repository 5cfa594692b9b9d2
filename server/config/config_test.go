package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sendjay.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, args []string, environ ...string) Config {
	t.Helper()
	c, rest, err := Read(args, environ)
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) > 0 {
		t.Fatalf("left over: %q", rest)
	}
	return c
}

func TestSettings(t *testing.T) {
	t.Run("have the defaults of the contract", func(t *testing.T) {
		c := read(t, nil)
		if c.Listen != "127.0.0.1:8080" || c.Database != "sqlite" || c.AccessLife != 15*time.Minute || c.CancelWindow != 24*time.Hour || c.SearchWindow != 365*24*time.Hour || !c.RateLimits || c.Demo || c.PerKind != 1 {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("a flag outweighs the environment, which outweighs the file", func(t *testing.T) {
		path := write(t, "# the office\n\nLISTEN=:1\nSENDJAY_DATA = /srv/file\ncancel-window=1h\n")
		c := read(t, []string{"--listen", ":3", "--config=" + path}, "SENDJAY_LISTEN=:2", "SENDJAY_DATA=/srv/environment", "PATH=/bin")
		if c.Listen != ":3" || c.Data != "/srv/environment" || c.CancelWindow != time.Hour {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("the environment can name the file", func(t *testing.T) {
		if c := read(t, nil, "SENDJAY_CONFIG="+write(t, "DEMO=on")); !c.Demo {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("a switch needs no value as a flag", func(t *testing.T) {
		if c := read(t, []string{"--demo", "--listen=:9"}); !c.Demo || c.Listen != ":9" {
			t.Errorf("got %+v", c)
		}
		for _, args := range [][]string{{"--demo=off"}, {"--demo", "off"}} {
			if c := read(t, args); c.Demo {
				t.Errorf("%q: got %+v", args, c)
			}
		}
		if c := read(t, []string{"--metrics", "on", "--listen=:9"}); !c.Metrics || c.Listen != ":9" {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("those of the desktop application are not ours to refuse", func(t *testing.T) {
		for _, name := range DesktopNames {
			read(t, nil, "SENDJAY_"+name+"=x")
		}
	})
	t.Run("what is no setting is handed back", func(t *testing.T) {
		_, rest, err := Read([]string{"user", "--listen", ":1", "list"}, nil)
		if err != nil || strings.Join(rest, " ") != "user list" {
			t.Errorf("got %q, %v", rest, err)
		}
	})
	t.Run("addresses, networks and origins are lists", func(t *testing.T) {
		c := read(t, []string{"--proxies", "10.0.0.1, 192.168.0.0/16,::1", "--origins=https://portal.example.com", "--public-url=https://talk.example.com/"})
		if len(c.Proxies) != 3 || c.Proxies[0].Bits() != 32 {
			t.Errorf("got %v", c.Proxies)
		}
		if strings.Join(c.Origins, " ") != "https://talk.example.com https://portal.example.com" || c.Public.Host != "talk.example.com" {
			t.Errorf("got %v %v", c.Origins, c.Public)
		}
	})
	t.Run("those of signing in", func(t *testing.T) {
		c := read(t, []string{"--passwords=admins", "--portal-keys=/etc/keys", "--portal-origins=https://erp.example.com", "--oidc-issuer=http://127.0.0.1:9/realm", "--public-url=http://127.0.0.1:8", "--oidc-client=talk", "--oidc-label-ko=사내 계정"}).SignIn
		if !c.AdminPasswords || c.PortalKeys != "/etc/keys" || c.PortalSkew != 30*time.Second || c.PortalLife != 2*time.Minute || c.PortalAudience != "sendjay" || len(c.PortalOrigins) != 1 ||
			c.OIDCClaim != "preferred_username" || len(c.OIDCScopes) != 3 || c.OIDCLabelKo != "사내 계정" || c.OIDCCreate || !c.OIDCSignOut {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("those of Kerberos", func(t *testing.T) {
		k := read(t, []string{"--kerberos-keytab=/etc/http.keytab", "--kerberos-service=HTTP/talk.example.com@EXAMPLE.COM", "--kerberos-realms=EXAMPLE.COM, SISTER.EXAMPLE.COM", "--passwords=admins"}).Kerberos
		if k.Keytab != "/etc/http.keytab" || k.Service != "HTTP/talk.example.com@EXAMPLE.COM" || len(k.Realms) != 2 || k.Skew != 5*time.Minute || k.Silent || k.ByDirectory {
			t.Errorf("got %+v", k)
		}
	})
	t.Run("all are told of in the usage", func(t *testing.T) {
		var b strings.Builder
		Usage(&b)
		for _, s := range settings {
			if !strings.Contains(b.String(), "--"+s.name) {
				t.Errorf("%s is a secret", s.name)
			}
		}
	})
}

func TestWrongSettings(t *testing.T) {
	path := write(t, "LISTEN=:1\nCOLOUR=red\n")
	bare := write(t, "listen\n")
	nested := write(t, "config=other\n")
	for name, c := range map[string]struct {
		args    []string
		environ []string
		says    []string
	}{
		"a ticket that lives for an hour":       {args: []string{"--portal-life=1h"}, says: []string{"--portal-life", "15m"}},
		"a portal's page that is no origin":     {args: []string{"--portal-origins=https://erp.example.com/page"}, says: []string{"--portal-origins", "erp.example.com"}},
		"OpenID without our own address":        {args: []string{"--oidc-issuer=https://login.example.com", "--oidc-client=talk"}, says: []string{"--oidc-issuer", "--public-url"}},
		"OpenID without our name there":         {args: []string{"--oidc-issuer=https://login.example.com", "--public-url=https://talk.example.com"}, says: []string{"--oidc-issuer", "--oidc-client"}},
		"OpenID without TLS":                    {args: []string{"--oidc-issuer=http://login.example.com"}, says: []string{"--oidc-issuer", "https://"}},
		"ids out of mail addresses":             {args: []string{"--oidc-issuer=https://login.example.com", "--public-url=https://talk.example.com", "--oidc-client=talk", "--oidc-claim=email", "--oidc-create=on"}, says: []string{"--oidc-create", "--oidc-claim"}},
		"no way in for anybody":                 {args: []string{"--passwords=admins"}, says: []string{"--passwords", "portal"}},
		"Kerberos without our name":             {args: []string{"--kerberos-keytab=http.keytab"}, says: []string{"--kerberos-keytab", "--kerberos-service"}},
		"Kerberos without its key":              {args: []string{"--kerberos-service=HTTP/talk@EXAMPLE.COM"}, says: []string{"--kerberos-service", "--kerberos-keytab"}},
		"a service that is no web server":       {args: []string{"--kerberos-service=host/talk@EXAMPLE.COM"}, says: []string{"--kerberos-service", "HTTP/"}},
		"a service without a realm":             {args: []string{"--kerberos-service=HTTP/talk.example.com"}, says: []string{"--kerberos-service", "HTTP/"}},
		"a realm that is a person":              {args: []string{"--kerberos-realms=kim@EXAMPLE.COM"}, says: []string{"--kerberos-realms", "EXAMPLE.COM"}},
		"Kerberos by a directory that is none":  {args: []string{"--kerberos-keytab=k", "--kerberos-service=HTTP/talk@EXAMPLE.COM", "--kerberos-account=directory"}, says: []string{"--kerberos-account", "--ldap"}},
		"clocks that are hours off":             {args: []string{"--kerberos-skew=2h"}, says: []string{"--kerberos-skew", "15m"}},
		"an unknown flag":                       {args: []string{"--colour", "red"}, says: []string{"--colour"}},
		"an unknown flag with a value":          {args: []string{"--colour=red"}, says: []string{"--colour"}},
		"an unknown variable":                   {environ: []string{"SENDJAY_COLOUR=red"}, says: []string{"SENDJAY_COLOUR"}},
		"an unknown key in the file":            {args: []string{"--config", path}, says: []string{path, "line 2", "COLOUR"}},
		"a line of the file without a value":    {args: []string{"--config", bare}, says: []string{bare, "line 1", "listen"}},
		"a file that names another":             {args: []string{"--config", nested}, says: []string{"config"}},
		"a file that is not there":              {environ: []string{"SENDJAY_CONFIG=/nowhere/x"}, says: []string{"SENDJAY_CONFIG", "/nowhere/x"}},
		"a folder as the file":                  {args: []string{"--config", t.TempDir()}, says: []string{"--config"}},
		"a flag without its value":              {args: []string{"--listen"}, says: []string{"--listen"}},
		"an address without a port":             {args: []string{"--listen=localhost"}, says: []string{"--listen", "host:port"}},
		"a port that there is not":              {args: []string{"--listen", "127.0.0.1:99999"}, says: []string{"--listen", "host:port"}},
		"a port below all":                      {args: []string{"--listen=:-1"}, says: []string{"--listen", "host:port"}},
		"a database without a schema":           {args: []string{"--database=mysql://me:secret@host:3306"}, says: []string{"--database", "schema"}},
		"a Redis at no port":                    {args: []string{"--redis=redis://host:99999"}, says: []string{"--redis", "host:port"}},
		"a store without a bucket":              {args: []string{"--files", "s3://"}, says: []string{"--files", "s3://bucket"}},
		"a bucket at no address":                {args: []string{"--files=s3://bucket?endpoint=store.example.com"}, says: []string{"--files", "endpoint=https://host"}},
		"a scanner at no port":                  {args: []string{"--clamd=scanner:99999"}, says: []string{"--clamd", "host:port"}},
		"a public address at no port":           {args: []string{"--public-url=https://talk.example.com:99999"}, says: []string{"--public-url", "origin"}},
		"no data folder":                        {environ: []string{"SENDJAY_DATA="}, says: []string{"SENDJAY_DATA"}},
		"another database":                      {args: []string{"--database=postgres://x"}, says: []string{"--database", "mysql://"}},
		"a Redis that is none":                  {environ: []string{"SENDJAY_REDIS=http://127.0.0.1:6379"}, says: []string{"SENDJAY_REDIS", "redis://"}},
		"files elsewhere":                       {args: []string{"--files=ftp://host/files"}, says: []string{"--files", "folder"}},
		"neither on nor off":                    {environ: []string{"SENDJAY_RATE_LIMITS=maybe"}, says: []string{"SENDJAY_RATE_LIMITS", "on or off"}},
		"a time without a unit":                 {environ: []string{"SENDJAY_ACCESS_LIFE=900"}, says: []string{"SENDJAY_ACCESS_LIFE", "15m"}},
		"a negative time":                       {args: []string{"--cancel-window=-1h"}, says: []string{"--cancel-window"}},
		"too many sessions":                     {args: []string{"--sessions=6"}, says: []string{"--sessions", "1 to 5"}},
		"a proxy that is no address":            {args: []string{"--proxies=10.0.0.1,portal"}, says: []string{"--proxies", "portal"}},
		"an origin with a path":                 {args: []string{"--origins=https://a.example.com/x"}, says: []string{"--origins", "origin"}},
		"a public address without a scheme":     {args: []string{"--public-url=talk.example.com"}, says: []string{"--public-url"}},
		"a short key of the original":           {args: []string{"--legacy-key=short"}, says: []string{"--legacy-key", "32 bytes"}},
		"a log level that is none":              {args: []string{"--log-level=loud"}, says: []string{"--log-level"}},
		"a log format that is none":             {args: []string{"--log-format=xml"}, says: []string{"--log-format"}},
		"a name in capitals on the commandline": {args: []string{"--LISTEN=:1"}, says: []string{"--LISTEN"}},
	} {
		t.Run(name+" is refused by name", func(t *testing.T) {
			_, _, err := Read(c.args, c.environ)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
	t.Run("no refusal repeats a secret", func(t *testing.T) {
		for _, args := range [][]string{{"--legacy-key=secret"}, {"--database=oracle://me:secret@host"}, {"--redis=http://:secret@host"}} {
			if _, _, err := Read(args, nil); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func FuzzFile(f *testing.F) {
	f.Add("LISTEN=:1\n#x\n")
	f.Add("=\n==\nSENDJAY_=1")
	f.Add("proxies=10.0.0.0/33,::/0\norigins=http://[::1]:%")
	f.Fuzz(func(t *testing.T, text string) {
		given := map[string]string{}
		if err := file(strings.NewReader(text), "fuzz", func(name, value, _ string) { given[name] = value }); err != nil {
			return
		}
		var c Config
		for _, s := range settings {
			if v, ok := given[s.name]; ok {
				_ = s.set(&c, v) // an answer, not a panic
			}
			delete(given, s.name)
		}
		if len(given) > 0 {
			t.Fatalf("accepted %v", given)
		}
	})
}
