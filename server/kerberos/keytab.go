package kerberos

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jcmturner/gokrb5/v8/keytab"
)

// rereadEvery is how soon a keytab that was replaced counts: IT changes the keys without a restart.
const rereadEvery = 10 * time.Second

// mostKeytab bounds the file; a keytab holds some hundred bytes for each key.
const mostKeytab = 1 << 20

// keys are those of the service, as its keytab says.
type keys struct {
	file    string
	service principal
	log     *slog.Logger

	mu   sync.Mutex // guards the fields below
	have *keytab.Keytab
	read time.Time
}

// load reads the file, in which the service has to stand.
func (k *keys) load() error {
	fresh, err := readKeytab(k.file, k.service)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.read = time.Now()
	if err == nil {
		k.have = fresh
	}
	return err
}

func (k *keys) now() *keytab.Keytab {
	k.mu.Lock()
	old := time.Since(k.read) >= rereadEvery
	k.mu.Unlock()
	if old {
		if err := k.load(); err != nil {
			k.log.Warn("the keytab cannot be read anew; the keys known go on counting", "err", err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.have
}

func readKeytab(file string, service principal) (_ *keytab.Keytab, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > mostKeytab {
		return nil, fmt.Errorf("%s: too long for a keytab", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	defer func() {
		if recover() != nil { // the library trusts the lengths in the file
			err = fmt.Errorf("%s: no keytab", file)
		}
	}()
	all := keytab.New()
	if err := all.Unmarshal(raw); err != nil {
		return nil, fmt.Errorf("%s: no keytab: %w", file, err)
	}
	for _, e := range all.Entries {
		if service.is(e.Principal.Components, e.Principal.Realm) {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%s: there is no key of %s in it", file, service)
}
