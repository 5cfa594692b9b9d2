package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"sendjay/desktop/caretaker"
	"sendjay/desktop/policy"
	"sendjay/desktop/update"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// takeCare is this program as the computer's service. It is told nothing but by the computer's own policies.
func takeCare() int {
	err := caretaker.Run(func(dir string, log *slog.Logger) (*caretaker.Keeper, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		s, err := policy.Computer()
		var keys release.Keys
		if err == nil {
			keys, err = keysOf(s)
		}
		if err != nil { // what IT wanted is not known, so nothing is put in place
			log.Error("a policy of this computer is not understood", "error", err)
		}
		return &caretaker.Keeper{On: err == nil && s.Updates == "auto", Log: log, Updates: update.New(update.Config{
			Dir: dir, Program: self, Version: protocol.Version, Keys: keys, Log: log,
		})}, nil
	})
	if err != nil {
		return failed(err, exitFailed)
	}
	return 0
}

// keysOf returns whose signature counts.
func keysOf(s policy.Settings) (release.Keys, error) {
	if s.UpdateKey != "" {
		return release.ParseKeys(s.UpdateKey)
	}
	return release.ParseKeys(update.Key)
}

// tenant is the person's updater. Where the person may not write to the programs, the caretaker of the computer makes the
// changes, if there is one.
type tenant struct {
	*update.Updater

	house *caretaker.Client
}

// Installable reports whether a version could be put in place.
func (t *tenant) Installable() bool { return t.Updater.Installable() || t.house.There() }

// Trial returns the version that has to say that it is well.
func (t *tenant) Trial() string {
	if own := t.Updater.Trial(); own != "" {
		return own
	}
	return t.houseTrial()
}

// houseTrial is the one that only the caretaker can bring to an end. Without him it has no end.
func (t *tenant) houseTrial() string {
	if v := t.house.Trial(); v != "" && t.house.There() {
		return v
	}
	return ""
}

// How says who would put a version in place, for diagnostics.
func (t *tenant) How() string {
	switch {
	case !t.Able():
		return "never, this build is no release or knows no key"
	case t.Updater.Installable():
		return "by this person"
	case t.house.There():
		return "by the service of this computer"
	}
	return "not here"
}

// Recover puts right what was cut. A start on the computer's trial is counted.
func (t *tenant) Recover() error {
	err := t.Updater.Recover()
	if v := t.houseTrial(); v != "" {
		err = errors.Join(err, t.began(v))
	}
	return err
}

func (t *tenant) began(version string) error {
	ctx, stop := context.WithTimeout(context.Background(), beganWithin)
	defer stop()
	err := t.house.Began(ctx, version)
	if errors.Is(err, caretaker.ErrNoTrial) {
		return nil // meanwhile it is over
	}
	return err
}

// houseWithin bounds a word with the caretaker, beganWithin one that a person waits for who has signed in.
const (
	houseWithin = time.Minute
	beganWithin = 10 * time.Second
)

// Apply puts in place what was fetched. One that cannot be is not tried for ever.
func (t *tenant) Apply(ctx context.Context) (version string, err error) {
	h, err := t.Hand()
	if err != nil {
		return "", err
	}
	vain := false
	if t.Updater.Installable() {
		_, err = t.Updater.Apply(ctx)
	} else {
		err = t.house.Put(ctx, h)
		vain = caretaker.Final(err)
	}
	if err != nil {
		err = errors.Join(err, t.Balk(h.Version, vain))
		if t.Balked(h.Version) {
			err = errors.Join(err, t.Forget())
		}
	}
	return h.Version, err
}

// Revert takes back what did not come up.
func (t *tenant) Revert() error {
	if t.Updater.Trial() != "" {
		return t.Updater.Revert()
	}
	v := t.houseTrial()
	if v == "" {
		return t.Forget() // somebody else was quicker
	}
	ctx, stop := context.WithTimeout(context.Background(), houseWithin)
	defer stop()
	if err := t.house.Back(ctx, v); err != nil && t.house.Trial() == v {
		return err
	}
	if !slices.Contains(t.house.Failed(), v) {
		return nil // somebody else was quicker, and it was well
	}
	return t.Forget()
}

// Confirm says that this version is well.
func (t *tenant) Confirm() error {
	if t.Updater.Trial() != "" {
		return t.Updater.Confirm()
	}
	v := t.houseTrial()
	if v != protocol.Version {
		return nil
	}
	ctx, stop := context.WithTimeout(context.Background(), houseWithin)
	defer stop()
	if err := t.house.Well(ctx, v); err != nil && t.house.Trial() == v {
		return err
	}
	return t.Forget()
}
