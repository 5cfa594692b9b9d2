package main

import (
	"crypto/rand"
	"log/slog"

	"sendjay/desktop/keyring"
	"sendjay/desktop/state"
)

// keyLocal is the name under which the keyring holds the key of the profile. No server has it.
const keyLocal = "local state"

// seal puts what is kept of the person under a key that lies in the keyring. Where there is nowhere to keep a
// key, or the keyring is locked today, the program works all the same.
func seal(memory *state.State, ring *keyring.Ring, log *slog.Logger) {
	secret, err := ring.Get(keyLocal)
	if err == nil && secret == "" {
		secret = rand.Text() + rand.Text()
		if err = ring.Set(keyLocal, secret); err == nil && ring.Place() == keyring.Nowhere {
			log.Warn("there is no place for a key, so what is kept on this computer is not encrypted")
			return
		}
	}
	if err == nil {
		err = memory.Seal(secret)
	}
	if err != nil {
		log.Warn("what is kept on this computer is not encrypted now", "error", err)
	}
}
