//go:build !windows

package ticket

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

func forService(kind, host string) (_ []byte, err error) {
	file, err := cache()
	if err != nil {
		return nil, err
	}
	defer func() {
		if fault := recover(); fault != nil { // the library trusts the lengths in the file
			err = fmt.Errorf("%w: %s cannot be read: %v", ErrNone, file, fault)
		}
	}()
	held, err := credentials.LoadCCache(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	settings, err := krb5conf()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	c, err := client.NewFromCCache(held, settings, client.DisablePAFXFAST(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNone, file, err)
	}
	defer c.Destroy()
	t, key, err := c.GetServiceTicket(kind + "/" + host)
	if err != nil {
		return nil, fmt.Errorf("%w for %s: %w", ErrNone, host, err)
	}
	in, err := spnego.NewNegTokenInitKRB5(c, t, key)
	if err != nil {
		return nil, err
	}
	out := spnego.SPNEGOToken{Init: true, NegTokenInit: in}
	return out.Marshal()
}

// cache is the file with the tickets of whoever runs us. Tickets that the system keeps elsewhere, such as in the kernel's
// keyring, are out of reach.
func cache() (string, error) {
	name := os.Getenv("KRB5CCNAME")
	if name == "" {
		name = filepath.Join(os.TempDir(), "krb5cc_"+strconv.Itoa(os.Getuid()))
		if _, err := os.Stat(name); err != nil {
			name = "/tmp/krb5cc_" + strconv.Itoa(os.Getuid()) // where it lies, whatever TMPDIR says
		}
	}
	kind, rest, named := strings.Cut(name, ":")
	switch {
	case !named, filepath.IsAbs(name):
		return name, nil
	case kind == "FILE":
		return rest, nil
	case kind == "DIR":
		if one, single := strings.CutPrefix(rest, ":"); single {
			return one, nil
		}
		primary, err := os.ReadFile(filepath.Join(rest, "primary"))
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrNone, err)
		}
		return filepath.Join(rest, filepath.Base(strings.TrimSpace(string(primary)))), nil
	}
	return "", fmt.Errorf("%w: tickets in %s: are out of reach", ErrNone, kind)
}

// krb5conf reads the settings of the system's own Kerberos. Without any, the realm is found by DNS.
func krb5conf() (*config.Config, error) {
	at := os.Getenv("KRB5_CONFIG")
	if at == "" {
		at = "/etc/krb5.conf"
	}
	var text strings.Builder
	for _, file := range filepath.SplitList(at) {
		include(&text, file, includeDepth)
	}
	c, err := config.NewFromString(text.String())
	var minor config.UnsupportedDirective
	if err != nil && !errors.As(err, &minor) {
		return nil, err
	}
	return c, nil
}

// includeDepth bounds files that name files.
const includeDepth = 4

// include adds a file with those that it names, which the library does not follow. What is not there says nothing.
func include(text *strings.Builder, file string, depth int) {
	raw, err := os.ReadFile(file)
	if err != nil || depth == 0 {
		return
	}
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "include":
			include(text, words[1], depth-1)
		case len(words) == 2 && words[0] == "includedir":
			entries, _ := os.ReadDir(words[1])
			for _, e := range entries {
				if plainName(e.Name()) {
					include(text, filepath.Join(words[1], e.Name()), depth-1)
				}
			}
		default:
			text.WriteString(strings.TrimRight(line, "\r\n") + "\n")
		}
	}
}

// plainName reports whether MIT Kerberos reads a file of this name in such a folder.
func plainName(name string) bool {
	if strings.HasSuffix(name, ".conf") && !strings.HasPrefix(name, ".") {
		return true
	}
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
