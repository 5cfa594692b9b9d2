// Command sendjay is the tray: the device's one line to the server, its notifications, its window.
// It wires the parts and shows their status as an icon and a menu; the rules are the parts' own.
//
// It sleeps unless something happens: nothing in it polls.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"sendjay/desktop/caretaker"
	"sendjay/desktop/keyring"
	"sendjay/desktop/policy"
	"sendjay/desktop/startup"
	"sendjay/shared/protocol"
)

// The exit codes beside 0. The last one is for the watcher: the tray makes room for another version.
const (
	exitFailed = 1
	exitUsage  = 2
	exitRenew  = 85
)

func main() {
	debug.SetGCPercent(collectAt)
	// One processor is plenty for what waits all day. With a second one the runtime wakes another thread with everything
	// that happens, to see whether there is work for it too: measured, half of all wake-ups.
	runtime.GOMAXPROCS(1)
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 1 && args[0] == caretaker.Flag {
		return takeCare()
	}
	as := born()
	from, misled := policy.Machine()
	s, err := policy.Load(args, from, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if s.Version { // also where something else is wrong: an update asks for it
		fmt.Println("sendjay", protocol.Version)
		return 0
	}
	if err == nil && s.UpdateService {
		err = fmt.Errorf("%s stands alone", caretaker.Flag)
	}
	if err != nil {
		return failed(err, exitUsage)
	}
	log := slog.New(keepTroubles(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: s.LogLevel}))).With("part", "tray")
	if misled != nil {
		log.Warn("a policy of this computer is not understood", "error", misled)
	}
	if s.Profile, err = filepath.Abs(s.Profile); err != nil {
		return failed(err, exitFailed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if as != "" {
		return tray(ctx, stop, s, &instance{dir: s.Profile}, as, log)
	}
	if s.Open != "" {
		if _, err := readLink(s.Open); err != nil {
			return failed(err, exitUsage)
		}
	}
	if err := os.MkdirAll(s.Profile, 0o700); err != nil {
		return failed(err, exitFailed)
	}
	if s.ProxySignIn != "" {
		ring := keyring.New(keyring.Config{Dir: s.Profile, NoFile: !s.SecretFile, Log: log})
		if err := keepForProxy(ring, s.ProxySignIn, os.Stdin); err != nil {
			return failed(fmt.Errorf("--proxy-sign-in-stdin: %w", err), exitFailed)
		}
		return 0
	}
	if !s.ProfileGiven {
		if self, err := os.Executable(); err == nil {
			system := startup.System{Program: self}
			if s.BySystem && system.Refused() {
				return 0
			}
			if !s.Quit && !s.Diagnose {
				takeOver(system, s, log)
			}
		}
	}
	only, err := claim(s.Profile)
	switch {
	case errors.Is(err, errTaken):
		return second(s)
	case err != nil:
		return failed(err, exitFailed)
	}
	defer only.close()
	if s.Quit {
		return 0 // there is none to end
	}
	if s.Diagnose {
		var r report
		r.here(s.Profile, windowPath(s.Window))
		r.line("running", "no")
		fmt.Print(r.String())
		var tested report
		if err := tested.testWay(ctx, s, log); err != nil {
			return failed(err, exitFailed)
		}
		fmt.Print(tested.String())
		return 0
	}
	if s.Watch {
		return watched(ctx, s, args, log)
	}
	return tray(ctx, stop, s, only, first, log)
}

// tray runs the tray itself.
func tray(ctx context.Context, stop func(), s policy.Settings, only *instance, as birth, log *slog.Logger) int {
	defer only.close()
	if as != first {
		// What was asked for was done by the one before.
		s.SignIn, s.Open = false, ""
		log.Info("started again", "why", as)
	}
	err := live(ctx, stop, s, only, as, log)
	switch {
	case errors.Is(err, errRenew):
		return exitRenew
	case err != nil:
		return failed(err, exitFailed)
	}
	return 0
}

// second is a start while another one has the profile: that one does what is asked.
func second(s policy.Settings) int {
	line := strings.TrimSpace("open " + s.Open)
	switch {
	case s.Diagnose:
		line = "diagnose"
	case s.Quit:
		line = "quit"
	case s.Hidden && s.Open == "":
		line = "hello" // started at sign-in although it runs already
	}
	answer, err := knock(s.Profile, line)
	if err != nil {
		return failed(err, exitFailed)
	}
	if s.Quit && !gone(s.Profile) {
		return failed(errors.New("it was told to end and has not ended yet"), exitFailed)
	}
	if s.Diagnose {
		var r report
		r.here(s.Profile, windowPath(s.Window))
		fmt.Print(r.String() + answer)
		if answer, err = knockFor(s.Profile, "test", testWithin); err != nil {
			return failed(err, exitFailed)
		}
		fmt.Print(answer)
	}
	return 0
}

// takeOver removes the copy that the person installed alone, when this one is there for everybody.
func takeOver(system startup.System, s policy.Settings, log *slog.Logger) {
	quit := func() {
		only, err := claim(s.Profile)
		if err == nil {
			only.close()
			return
		}
		if _, err := knock(s.Profile, "quit"); err != nil || !gone(s.Profile) {
			log.Warn("the copy that this person installed does not end", "error", err)
		}
	}
	if err := system.TakeOver(quit); err != nil {
		log.Warn("the copy that this person installed stays beside the one for everybody", "error", err)
	}
}

func failed(err error, code int) int {
	fmt.Fprintln(os.Stderr, "sendjay:", err)
	return code
}
