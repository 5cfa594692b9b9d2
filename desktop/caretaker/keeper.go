package caretaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"sendjay/desktop/update"
	"sendjay/shared/release"
)

const (
	// restWithin is how long a Keeper stays although nobody asks for anything, trialWithin how long while a version that
	// it put in place is on trial: longer than a watcher waits for a word of a new tray.
	restWithin  = 10 * time.Second
	trialWithin = 10 * time.Minute
	// tryWithin is the time within which several starts of a version on trial count as one: many people may be
	// signed in.
	tryWithin = 3 * time.Minute
)

// Keeper puts versions in place. Updates and Log are needed.
type Keeper struct {
	// Updates is that of the folder which only administrators may write. It knows no Line.
	Updates *update.Updater
	// On says that IT wants versions to be put in place.
	On  bool
	Log *slog.Logger

	// mine is set while a version that this process put in place is on trial, over when it has to end: after a trial, the
	// program of this process may be another than the one on the disk.
	mine, over bool
}

// Serve answers whoever comes through door, one after the other, until nothing is left to do or ctx ends. It closes the door.
func (k *Keeper) Serve(ctx context.Context, door net.Listener) error {
	var shut sync.Once
	leave := func() { shut.Do(func() { _ = door.Close() }) }
	defer leave()
	defer context.AfterFunc(ctx, leave)()
	if at, cut := k.Updates.Began(); cut || at.IsZero() { // and what is left of the last change goes
		if err := k.Updates.Recover(); err != nil {
			k.Log.Error("a change of the version was cut and cannot be taken back", "error", err)
		}
	}
	for !k.over {
		rest := restWithin
		if k.mine {
			rest = trialWithin
		}
		bored := time.AfterFunc(rest, leave)
		c, err := door.Accept()
		bored.Stop()
		switch {
		case err == nil:
			k.talk(ctx, c)
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			return err
		}
	}
	return nil
}

// talk is one conversation.
func (k *Keeper) talk(ctx context.Context, c net.Conn) {
	defer func() { _ = c.Close() }()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })()
	l := newLine(c)
	if _, err := io.WriteString(l, greeting+"\n"); err != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(lineWithin))
	var a ask
	if err := l.hear(&a); err != nil {
		if errors.Is(err, ErrAsked) {
			_ = l.say(refusal(err))
		}
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(talkWithin))
	err := k.do(ctx, a, l)
	if err != nil {
		k.Log.Warn("refused", "asked", short(a.Do), "version", short(a.Version), "error", err)
	}
	_ = l.say(refusal(err))
}

// short keeps what a stranger wrote out of the way.
func short(text string) string { return fmt.Sprintf("%.40s", text) }

func (k *Keeper) do(ctx context.Context, a ask, l *line) error {
	trial := k.Updates.Trial()
	switch a.Do {
	case put:
		return k.put(ctx, a, trial, l)
	case began, well, back:
		if trial == "" || trial != a.Version {
			return ErrNoTrial
		}
	}
	switch a.Do {
	case began:
		if at, _ := k.Updates.Began(); time.Since(at) < tryWithin {
			return nil
		}
		return k.Updates.Recover()
	case well:
		k.over = true
		k.Log.Info("a version is well", "version", trial)
		return k.Updates.Confirm()
	case back:
		k.over = true
		return k.Updates.Revert()
	}
	return ErrAsked
}

// put proves what comes down the line and puts it in place.
func (k *Keeper) put(ctx context.Context, a ask, trial string, l *line) error {
	switch {
	case !k.On || !k.Updates.Able():
		return ErrOff
	case a.Version == k.Updates.Version && trial == "", a.Version == trial && trial != "":
		return nil // somebody else was quicker
	case trial != "":
		return ErrBusy
	}
	wants := false
	version, err := k.Updates.Take(a.Manifest, a.Signature, func(f release.File) (io.Reader, error) {
		if !wants {
			wants = true
			if err := l.say(answer{Wants: true}); err != nil {
				return nil, err
			}
		}
		return l.in, nil
	})
	if err != nil {
		return err
	}
	if _, err := k.Updates.Apply(ctx); err != nil {
		return errors.Join(err, k.Updates.Forget())
	}
	k.mine = true
	k.Log.Info("a version is in place", "version", version, "old", k.Updates.Version)
	return nil
}
