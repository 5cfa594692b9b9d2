package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"sendjay/desktop/caretaker"
	"sendjay/desktop/policy"
	"sendjay/desktop/toast"
	"sendjay/desktop/update"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

const (
	// settleWithin is how long a new version has to find its server, judgeWithin to say that it is well.
	settleWithin = time.Minute
	judgeWithin  = 3 * time.Minute
	// calmFor is how long a window has to be closed, and lookAgain how often it is looked whether all is calm
	// while a version waits.
	calmFor   = 10 * time.Minute
	lookAgain = 10 * time.Minute
	// idleFor is when a person counts as away, in seconds.
	idleFor = 120
)

// errRenew says that the tray ended to make room for another version.
var errRenew = errors.New("making room for another version")

// versions is what the app asks of newer versions: an update.Updater.
type versions interface {
	Able() bool
	Installable() bool
	Look(ctx context.Context, fetch bool) (string, error)
	Told(version string) bool
	Trial() string
	Confirm() error
	Balked(version string) bool
	How() string
}

// renewal is what is known of newer versions. It belongs to the loop.
type renewal struct {
	versions versions
	wishes   chan update.Wish
	image    image
	// auto is set when a version may be put in place by itself, off when nobody shall look.
	auto, off bool
	// try asks whether a server answers at all.
	try func(ctx context.Context) error

	ready   string // lies here and waits for a quiet moment
	newer   string // is there, and cannot be put in place here
	looking bool
	failed  bool // the last look
	clean   bool // a look has found nothing
	trial   bool // this version has to prove itself
	now     bool // the tray ends for another version
	closed  time.Time
	again   *time.Timer
}

// updater makes the updater of this build and these settings.
func updater(s policy.Settings, line update.Line, log *slog.Logger) *tenant {
	keys, err := keysOf(s)
	if err != nil {
		log.Warn("no version is taken: the key is none", "error", err)
	}
	self, err := os.Executable()
	if err != nil {
		keys = nil
	}
	house := caretaker.At(self)
	return &tenant{update.New(update.Config{
		Dir: updateDir(s.Profile), Program: self, Version: protocol.Version, Channel: s.UpdateChannel, Keys: keys, Line: line, Log: log,
		Shunned: house.Failed,
	}), house}
}

// wish asks for a look; one that waits already is enough.
func (r *renewal) wish(w update.Wish) {
	if r.wishes == nil {
		return
	}
	select {
	case r.wishes <- w:
	default:
	}
}

// look is a look at the server's offer, outside the loop.
func (a *app) look(ctx context.Context, _ bool) {
	r := &a.renewal
	if r.image.changed() {
		version, err := update.Calls(ctx, r.image.path)
		a.do(func() { a.found(version, true, err) })
		return
	}
	fetch := r.auto && r.versions.Installable()
	a.do(func() { r.looking = true })
	version, err := r.versions.Look(ctx, fetch)
	fetch = fetch && !r.versions.Balked(version)
	a.do(func() { a.found(version, fetch, err) })
}

// found is what a look has brought.
func (a *app) found(version string, fetched bool, err error) {
	r := &a.renewal
	r.looking, r.failed, r.clean = false, err != nil, err == nil && version == ""
	r.ready, r.newer = "", ""
	switch {
	case err != nil:
		level := slog.LevelInfo // the line may be down
		if errors.Is(err, release.ErrSignature) || errors.Is(err, release.ErrFile) || errors.Is(err, release.ErrManifest) || errors.Is(err, update.ErrOld) {
			level = slog.LevelError
		}
		a.log.Log(a.ctx, level, "a version of this program was not taken", "error", err)
	case version == "":
	case fetched:
		a.log.Info("a newer version waits for a quiet moment", "version", version)
		r.ready = version
		a.maybeRenew()
	default:
		r.newer = version
		if !r.versions.Told(version) {
			a.corner.Show(toast.Toast{Room: noticeRoom, Title: a.say("tray.update_told", "version", version), Body: a.say("tray.update_told_hint")})
		}
	}
}

// quietMoment reports whether nobody would notice: the computer is locked, or there is no window and nothing to
// click on, and the person is away or has been without a window for a while.
func (a *app) quietMoment() bool {
	now := a.self()
	if now.Locked {
		return true
	}
	if a.pane != nil && a.pane.visible || len(a.alerts) > 0 {
		return false
	}
	for _, p := range a.own {
		if p.visible {
			return false
		}
	}
	return now.Idle >= idleFor || time.Since(a.renewal.closed) >= calmFor
}

// maybeRenew makes room for the version that waits, when nobody would notice.
func (a *app) maybeRenew() {
	r := &a.renewal
	if r.ready == "" || r.now {
		return
	}
	if a.quietMoment() {
		a.renew()
		return
	}
	if r.again == nil {
		r.again = time.AfterFunc(lookAgain, func() {
			a.do(func() { r.again = nil; a.maybeRenew() })
		})
	}
}

// renew makes room for the version that waits.
func (a *app) renew() {
	a.log.Info("making room for another version", "version", a.renewal.ready)
	a.renewal.now = true
	a.quit()
}

// roomFirst makes room for the version that lies on the disk by now, rather than start a window of another version than
// ours. The next tray shows what was to be shown. It reports whether that is so.
func (a *app) roomFirst(fragment string) bool {
	r := &a.renewal
	if !r.now && !r.image.changed() {
		return false
	}
	a.memory.Remember(keyShown, cmp.Or(fragment, seenThere))
	if !r.now {
		a.renew()
	}
	return true
}

// wantsUpdate is the entry of the menu.
func (a *app) wantsUpdate() {
	if a.renewal.ready != "" {
		a.renew()
		return
	}
	a.renewal.wish(update.Asked)
}

// updateLine is how the entry of the menu is called, "" when there is none.
func (a *app) updateLine() string {
	r := &a.renewal
	switch {
	case r.wishes == nil:
		return ""
	case r.looking:
		return a.say("tray.update_looking")
	case r.ready != "":
		return a.say("tray.update_ready", "version", r.ready)
	case r.newer != "":
		return a.say("tray.update_there", "version", r.newer)
	case r.failed:
		return a.say("tray.update_failed")
	case r.clean:
		return a.say("tray.update_none")
	}
	return a.say("tray.update_check")
}

// prove says that a new version is well, once it has found its server, or has found out that there is none to be
// found by anybody.
func (a *app) prove() {
	if a.renewal.trial && (a.link.State == protocol.Online || a.link.State == protocol.SignedOut || a.link.State == protocol.TakenOver) {
		a.confirm()
	}
}

func (a *app) confirm() {
	a.renewal.trial = false
	go func() { // it may be a service that has to be started
		if err := a.renewal.versions.Confirm(); err != nil {
			a.log.Warn("this version could not say that it is well", "error", err)
			return
		}
		a.log.Info("updated", "version", protocol.Version)
	}()
}

// onTrial begins the time in which this version has to prove itself.
func (a *app) onTrial() {
	a.renewal.trial = true
	a.prove()
	time.AfterFunc(settleWithin, func() {
		err := a.renewal.try(a.ctx)
		a.do(func() {
			switch {
			case !a.renewal.trial:
			case err != nil:
				a.confirm() // another version would not find it either
			default:
				a.log.Error("the server answers, and this version has no line to it")
				a.renewal.now, a.unwell = false, true
				a.quit()
			}
		})
	})
}
