package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"sendjay/desktop/policy"
	"sendjay/desktop/toast"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
	"sendjay/shared/resident"
)

// endWithin is how long a tray may take to end when the session does.
const endWithin = 15 * time.Second

// watcherBytes is more than a watcher ever needs. Until then nothing is collected: the runtime would do so every two minutes,
// only because time has passed, and wake a process that has nothing to do.
const watcherBytes = 16 << 20

// watched runs the tray in a process of its own and stays behind it: this process holds nothing but the lock on
// the profile, and sleeps.
func watched(ctx context.Context, s policy.Settings, args []string, log *slog.Logger) int {
	// The system ends the tray with the thread that started it; this one ends with the process.
	runtime.LockOSThread()
	self, err := os.Executable()
	if err != nil {
		return failed(err, exitFailed)
	}
	k := &child{self: self, args: args, profile: s.Profile, log: log, versions: updater(s, nil, log), renews: s.Updates == "auto"}
	if err := k.versions.Recover(); err != nil {
		log.Error("a change of the version was cut and cannot be taken back", "error", err)
	}
	w := &watcher{log: log, run: k.run, gaveUp: func() { tellGivenUp(log) }}
	return w.watch(ctx)
}

// child starts trays.
type child struct {
	self    string // as it was before anything was renamed
	args    []string
	profile string
	log     *slog.Logger

	versions *tenant
	renews   bool   // another version may be put in place
	image    image  // what was started last
	stuck    string // a version on trial that could not be taken back
}

// run puts a version that waits in its place, if there is one, and runs a tray. One that does not come up is
// taken back.
func (k *child) run(ctx context.Context, as birth) ending {
	if v := k.waits(as); v != "" {
		version, err := k.versions.Apply(ctx)
		if err != nil {
			k.log.Error("another version could not be put in place", "version", version, "error", err)
		} else {
			k.log.Info("another version is in place", "version", version)
		}
	}
	trial := k.versions.Trial()
	if trial == "" || trial == k.stuck {
		return k.start(ctx, as)
	}
	within, stop := context.WithCancelCause(ctx)
	late := time.AfterFunc(judgeWithin, func() {
		if k.versions.Trial() != "" {
			stop(errUnwell)
		}
	})
	end := k.start(within, as)
	late.Stop()
	unwell := errors.Is(context.Cause(within), errUnwell)
	stop(nil)
	if ctx.Err() != nil || k.versions.Trial() == "" || !unwell && !end.crashed && end.err == nil && end.code != exitFailed {
		return end
	}
	if err := k.versions.Revert(); err != nil {
		k.log.Error("the old version cannot be put back", "error", err)
		if !unwell {
			return end
		}
		k.stuck = trial // it runs, so it is better than none
	}
	return ending{code: exitRenew}
}

// waits returns the version that is to be put in place before the next tray, "" for none.
func (k *child) waits(as birth) string {
	if as == again || !k.renews || !k.versions.Able() || k.image.changed() {
		return ""
	}
	v := k.versions.Ready()
	if v == "" || k.versions.Balked(v) {
		return ""
	}
	if !k.versions.Installable() {
		k.log.Warn("another version waits, and by now nobody can put it in place", "version", v)
		if err := k.versions.Balk(v, false); err != nil {
			k.log.Warn("it will be tried again and again", "error", err)
		}
		return ""
	}
	return v
}

// errUnwell says that a new version did not say in time that it is well.
var errUnwell = errors.New("it does not say that it is well")

// start runs one tray to its end.
func (k *child) start(ctx context.Context, as birth) ending {
	k.image = imageOf(k.self)
	c := exec.Command(k.self, k.args...)
	c.Args[0] = os.Args[0]
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if as != first {
		c.Stdin = nil
	}
	c.Env = append(os.Environ(), envWatched+"="+string(as))
	tie(c)
	if err := c.Start(); err != nil {
		return ending{code: exitFailed, err: err}
	}
	tied(c.Process, k.log)
	debug.FreeOSMemory() // nothing happens here for a long time
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(watcherBytes)
	resident.Trim()
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		k.ask(c.Process)
		select {
		case <-over:
		case <-time.After(endWithin):
			_ = c.Process.Kill()
		}
	})
	err := c.Wait()
	close(over)
	stop()
	return how(c.ProcessState, err)
}

// ask lets a tray end in good order.
func (k *child) ask(p *os.Process) {
	if runtime.GOOS == "windows" {
		_, _ = knock(k.profile, "quit") // there is no signal for it
		return
	}
	_ = p.Signal(syscall.SIGTERM)
}

// how reads an end. A tray ends by itself with one of its own codes; everything else, such as the code of a
// panic, is a crash.
func how(s *os.ProcessState, err error) ending {
	if s == nil {
		return ending{code: exitFailed, err: err}
	}
	code := s.ExitCode()
	return ending{code: code, crashed: !slices.Contains([]int{0, exitFailed, exitRenew}, code)}
}

// born returns why this process was started, "" when no watcher did.
func born() birth {
	b := birth(os.Getenv(envWatched))
	_ = os.Unsetenv(envWatched)
	return b
}

// tellGivenUp says that nobody listens for messages any more. Without a tray a notification is all there is.
func tellGivenUp(log *slog.Logger) {
	say := locale.Of(systemLanguage()).Say
	board := toast.New(toast.Config{Opened: func(protocol.RoomID, protocol.Seq, string) {}, Log: log})
	board.Show(toast.Toast{Room: noticeRoom, Title: say("tray.gave_up"), Body: say("tray.gave_up_hint")})
	board.Close() // after it was shown
}
