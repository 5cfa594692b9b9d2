package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"sync"
)

const (
	secretsName = "secrets"
	keyName     = "secrets.key"
	keyBytes    = 32
)

// file is the encrypted file. Its key lies beside it and is mixed with the machine and the user, so
// that neither a copy of the file nor of the folder opens anything on another machine. Whoever may
// read this user's files on this machine can open it; that is what a keyring would prevent.
type file struct {
	dir string
	mu  sync.Mutex // guards the files
}

func (f *file) get(server string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return "", err
	}
	return all[server], nil
}

func (f *file) set(server, secret string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	all[server] = secret
	return f.write(all)
}

func (f *file) drop(server string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	if _, ok := all[server]; !ok {
		return nil
	}
	delete(all, server)
	return f.write(all)
}

// read returns all secrets. A file that does not open any more, as after a copy to another machine, is empty.
func (f *file) read() (map[string]string, error) {
	all := map[string]string{}
	sealed, err := os.ReadFile(filepath.Join(f.dir, secretsName))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	box, err := f.box(false)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if n := box.NonceSize(); len(sealed) > n {
		if plain, err := box.Open(nil, sealed[:n], sealed[n:], nil); err == nil {
			_ = json.Unmarshal(plain, &all) // we wrote it
		}
	}
	return all, nil
}

func (f *file) write(all map[string]string) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	box, err := f.box(true)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return replace(filepath.Join(f.dir, secretsName), box.Seal(nonce, nonce, plain, nil))
}

// box returns the cipher. The key file is made when it may be.
func (f *file) box(create bool) (cipher.AEAD, error) {
	path := filepath.Join(f.dir, keyName)
	raw, err := os.ReadFile(path)
	if create && (errors.Is(err, fs.ErrNotExist) || err == nil && len(raw) != keyBytes) {
		raw = make([]byte, keyBytes)
		_, _ = rand.Read(raw) // never fails
		err = replace(path, raw)
	}
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, raw, []byte(binding()), "sendjay secrets", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// binding names this machine and user.
func binding() string {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Uid
	}
	return machine() + "\x00" + name
}

// replace writes a file that is either the old or the new one, also after a power cut.
func replace(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path) // CreateTemp made it 0600
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("keep secret: %w", err)
	}
	return nil
}
