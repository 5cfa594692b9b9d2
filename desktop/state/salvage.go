package state

import (
	"bytes"
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"
)

// saved are the buckets that cannot be had from the server again.
var saved = []Bucket{Outbox, Queue, Drafts}

// salvage brings what a person wrote from a damaged file into a new one, as far as it can be read, and with it
// what is needed to read it.
func salvage(from string, to *bbolt.DB) {
	type place struct{ account, bucket string }
	found := map[place]map[string][]byte{}
	take := func(at place, in *bbolt.Bucket) {
		if in == nil {
			return
		}
		// What stands before the damage is good.
		_ = guard(func() error {
			return in.ForEach(func(k, v []byte) error {
				if v != nil && json.Valid(v) {
					if found[at] == nil {
						found[at] = map[string][]byte{}
					}
					found[at][string(k)] = bytes.Clone(v)
				}
				return nil
			})
		})
	}
	done := make(chan struct{})
	var file held
	var old *bbolt.DB
	go func() {
		defer close(done)
		_ = guard(func() (err error) {
			old, err = bbolt.Open(from, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockWait, OpenFile: file.open})
			if err != nil {
				return err
			}
			return old.View(func(tx *bbolt.Tx) error {
				take(place{bucket: string(Device)}, tx.Bucket([]byte(Device)))
				return tx.ForEach(func(name []byte, account *bbolt.Bucket) error {
					for _, b := range saved {
						if bytes.HasPrefix(name, []byte("account ")) {
							take(place{string(name), string(b)}, account.Bucket([]byte(b)))
						}
					}
					return nil
				})
			})
		})
	}()
	select {
	case <-done:
	case <-time.After(4 * lockWait):
		return // bbolt hangs in what is left of the file
	}
	if old != nil {
		file.shut(old)
	} else {
		file.let()
	}
	_ = guard(func() error {
		return to.Update(func(tx *bbolt.Tx) error {
			for at, values := range found {
				var in *bbolt.Bucket
				var err error
				if at.account == "" {
					in, err = tx.CreateBucketIfNotExists([]byte(at.bucket))
				} else if in, err = tx.CreateBucketIfNotExists([]byte(at.account)); err == nil {
					in, err = in.CreateBucketIfNotExists([]byte(at.bucket))
				}
				for k, v := range values {
					if err == nil {
						err = in.Put([]byte(k), v)
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}
