package caretaker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sendjay/desktop/update"
	"sendjay/shared/release"
)

func TestAVersionThatAPersonFetchedIsPutInPlaceAndIsWell(t *testing.T) {
	c := newComputer(t, newVendor(t))
	if err := c.put("v1.1.0"); err != nil || c.has() != "v1.1.0" || c.client().Trial() != "v1.1.0" {
		t.Fatalf("%v, now %s, on trial %q", err, c.has(), c.client().Trial())
	}
	if !c.running() {
		t.Error("nobody is left who could take it back")
	}
	if err := c.client().Well(t.Context(), "v1.1.0"); err != nil || c.client().Trial() != "" {
		t.Errorf("%v, on trial %q", err, c.client().Trial())
	}
	c.ended() // its program is another than the one on the disk
	if err := c.put("v1.2.0"); err != nil || c.has() != "v1.2.0" {
		t.Errorf("the next one: %v, now %s", err, c.has())
	}
}

func TestAVersionThatDoesNotComeUpIsTakenBackForEverybodyAndNotTriedAgain(t *testing.T) {
	c := newComputer(t, newVendor(t))
	if err := c.put("v1.1.0"); err != nil {
		t.Fatal(err)
	}
	if err := c.client().Back(t.Context(), "v1.1.0"); err != nil || c.has() != "v1.0.0" || c.client().Trial() != "" {
		t.Fatalf("%v, now %s, on trial %q", err, c.has(), c.client().Trial())
	}
	c.ended()
	if failed := c.client().Failed(); !slices.Equal(failed, []string{"v1.1.0"}) {
		t.Errorf("failed here: %q", failed)
	}
	if err := c.put("v1.1.0"); !errors.Is(err, update.ErrFailed) || !Final(err) || c.has() != "v1.0.0" {
		t.Errorf("tried again: %v, now %s", err, c.has())
	}
}

func TestNobodyTakesBackAVersionThatIsNotOnTrial(t *testing.T) {
	c := newComputer(t, newVendor(t))
	back := func(version string) {
		t.Helper()
		was := c.has()
		if err := c.client().Back(t.Context(), version); !errors.Is(err, ErrNoTrial) || c.has() != was {
			t.Errorf("%s taken back: %v, now %s", version, err, c.has())
		}
	}
	back("v1.0.0")
	back("")
	if err := c.put("v1.1.0"); err != nil {
		t.Fatal(err)
	}
	back("v1.0.0")
	back("")
	if err := c.client().Well(t.Context(), "v1.0.0"); !errors.Is(err, ErrNoTrial) || c.client().Trial() != "v1.1.0" {
		t.Errorf("another version was called well: %v", err)
	}
	if err := c.client().Well(t.Context(), "v1.1.0"); err != nil {
		t.Fatal(err)
	}
	c.ended()
	back("v1.1.0")
}

func TestWhatIsNotForThisComputerIsRefused(t *testing.T) {
	v, stranger := newVendor(t), newVendor(t)
	for name, one := range map[string]struct {
		set   func(c *computer)
		offer *offer
		by    *vendor
		on    string
		want  error
	}{
		"signed by a stranger":       {nil, stranger.offers(t, "v1.1.0", platform), stranger, platform, release.ErrSignature},
		"an older one":               {nil, v.offers(t, "v0.9.0", platform), v, platform, update.ErrOld},
		"for another system":         {nil, v.offers(t, "v1.1.0", "linux/riscv64"), v, "linux/riscv64", update.ErrPlatform},
		"IT wants none":              {func(c *computer) { c.on = false }, v.offers(t, "v1.1.0", platform), v, platform, ErrOff},
		"a build that is no version": {func(c *computer) { c.runs = "v1.0.0-3-g0123abc" }, v.offers(t, "v1.1.0", platform), v, platform, ErrOff},
	} {
		t.Run(name, func(t *testing.T) {
			c := newComputer(t, v)
			if one.set != nil {
				one.set(c)
			}
			h, _ := one.offer.hand(t, one.by, one.on)
			if err := c.client().Put(t.Context(), h); !errors.Is(err, one.want) || !Final(err) || c.has() != "v1.0.0" {
				t.Errorf("%v, now %s", err, c.has())
			}
			c.clean()
		})
	}
}

// A person who may write to what was fetched changes it after it was proved.
func TestAProgramThatIsExchangedAfterItWasProvedIsRefused(t *testing.T) {
	v := newVendor(t)
	for name, change := range map[string]func(path string, right []byte) error{
		"another of the same length": func(path string, right []byte) error {
			return os.WriteFile(path, bytes.ToUpper(right), 0o600)
		},
		"a link to another": func(path string, right []byte) error {
			other := filepath.Join(filepath.Dir(path), "other")
			if err := errors.Join(os.WriteFile(other, bytes.ToUpper(right), 0o600), os.Remove(path)); err != nil {
				return err
			}
			return os.Symlink(other, path)
		},
		"a longer one": func(path string, right []byte) error {
			return os.WriteFile(path, append([]byte("# more\n"), right...), 0o600)
		},
	} {
		for _, file := range []string{"sendjay", "sendjay-window"} {
			t.Run(name+" "+file, func(t *testing.T) {
				c := newComputer(t, v)
				o := c.offers(t, "v1.1.0", platform)
				h, dir := o.hand(t, v, platform)
				if err := change(filepath.Join(dir, file), o.files[file]); err != nil {
					t.Fatal(err)
				}
				if err := c.client().Put(t.Context(), h); !errors.Is(err, release.ErrFile) || c.has() != "v1.0.0" {
					t.Errorf("%v, now %s", err, c.has())
				}
				c.clean()
			})
		}
	}
}

func TestAHandOverThatBreaksOffLeavesNothing(t *testing.T) {
	c := newComputer(t, newVendor(t))
	h, dir := c.offers(t, "v1.1.0", platform).hand(t, c.vendor, platform)
	if err := os.Truncate(filepath.Join(dir, "sendjay-window"), 5); err != nil {
		t.Fatal(err)
	}
	if err := c.client().Put(t.Context(), h); err == nil || Final(err) || c.has() != "v1.0.0" {
		t.Errorf("%v, now %s", err, c.has())
	}
	// The next conversation begins when this one is over.
	if err := c.client().Back(t.Context(), "v1.1.0"); !errors.Is(err, ErrNoTrial) {
		t.Error(err)
	}
	c.clean()
	if err := c.put("v1.1.0"); err != nil || c.has() != "v1.1.0" {
		t.Errorf("whole: %v, now %s", err, c.has())
	}
}

// endless is what somebody sends who never stops.
type endless struct{ sent int }

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	e.sent += len(p)
	return len(p), nil
}

func TestSomebodyWhoNeverStopsSendingIsCutAtTheSizeOfTheManifest(t *testing.T) {
	c := newComputer(t, newVendor(t))
	o := c.offers(t, "v1.1.0", platform)
	conn, err := c.call(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := newLine(conn)
	if _, err := l.read(); err != nil {
		t.Fatal(err)
	}
	var said answer
	if err := errors.Join(l.say(ask{Do: put, Version: "v1.1.0", Manifest: o.manifest, Signature: o.signature}), l.hear(&said)); err != nil || !said.Wants {
		t.Fatalf("%+v, %v", said, err)
	}
	zeros, over := &endless{}, make(chan struct{})
	go func() { defer close(over); _, _ = io.Copy(conn, zeros) }()
	if err := l.hear(&said); err != nil || !errors.Is(said.err(), release.ErrFile) {
		t.Errorf("%+v, %v", said, err)
	}
	_ = conn.Close()
	<-over
	if most := len(o.files["sendjay"]) + 256<<10; zeros.sent > most { // what is on the way counts
		t.Errorf("%d bytes were read, want at most %d", zeros.sent, most)
	}
	c.clean()
}

func TestWhileAVersionIsOnTrialThereIsNoOther(t *testing.T) {
	c := newComputer(t, newVendor(t))
	if err := c.put("v1.1.0"); err != nil {
		t.Fatal(err)
	}
	if err := c.put("v1.2.0"); !errors.Is(err, ErrBusy) || Final(err) || c.has() != "v1.1.0" {
		t.Errorf("%v, now %s", err, c.has())
	}
	if err := c.put("v1.1.0"); err != nil || c.has() != "v1.1.0" {
		t.Errorf("the same one by somebody else: %v, now %s", err, c.has())
	}
	if err := c.client().Well(t.Context(), "v1.1.0"); err != nil {
		t.Fatal(err)
	}
	if err := c.put("v1.1.0"); err != nil || c.has() != "v1.1.0" || c.client().Trial() != "" {
		t.Errorf("the same one, later: %v, now %s, on trial %q", err, c.has(), c.client().Trial())
	}
}

func TestAnOlderVersionThanTheNewestThatWasProvedIsRefused(t *testing.T) {
	c := newComputer(t, newVendor(t))
	h, dir := c.offers(t, "v1.3.0", platform).hand(t, c.vendor, platform)
	if err := os.Truncate(filepath.Join(dir, "sendjay"), 0); err != nil { // proved, and never came
		t.Fatal(err)
	}
	if err := c.client().Put(t.Context(), h); err == nil {
		t.Fatal("nothing was put in place")
	}
	if err := c.put("v1.2.0"); !errors.Is(err, update.ErrOld) || c.has() != "v1.0.0" {
		t.Errorf("%v, now %s", err, c.has())
	}
}

func TestAProgramThatDoesNotStartIsNotPutInPlace(t *testing.T) {
	c := newComputer(t, newVendor(t))
	o := c.offers(t, "v1.1.0", platform)
	o.files["sendjay"] = []byte("#!/bin/sh\nexit 1\n")
	o.pack(t, c.vendor, platform)
	h, _ := o.hand(t, c.vendor, platform)
	for range 2 {
		if err := c.client().Put(t.Context(), h); !errors.Is(err, update.ErrFailed) || !Final(err) || c.has() != "v1.0.0" {
			t.Errorf("%v, now %s", err, c.has())
		}
		c.clean()
	}
}

func TestManyPeopleWhoStartAtOnceAreOneTryAndTooManyTriesTheEnd(t *testing.T) {
	c := newComputer(t, newVendor(t))
	if err := c.put("v1.1.0"); err != nil {
		t.Fatal(err)
	}
	c.stop() // the power goes
	start := func() {
		t.Helper()
		if err := c.client().Began(t.Context(), "v1.1.0"); err != nil {
			t.Fatal(err)
		}
		c.stop()
	}
	for range 20 {
		start()
	}
	if c.has() != "v1.1.0" {
		t.Fatal("twenty people at once have lost it")
	}
	tries := 0
	for c.client().Trial() != "" {
		at := time.Now().Add(-tryWithin)
		if err := os.Chtimes(filepath.Join(Folder(c.program), "journal.json"), at, at); err != nil {
			t.Fatal(err)
		}
		start()
		if tries++; tries > 10 {
			t.Fatal("it is never given up")
		}
	}
	if tries < 2 || c.has() != "v1.0.0" {
		t.Errorf("after %d tries there is %s", tries, c.has())
	}
}

func TestAKeeperPutsRightWhatThePowerHasCut(t *testing.T) {
	c := newComputer(t, newVendor(t))
	for name, text := range map[string]string{"sendjay-window": "window of v1.1.0", "sendjay-window.old": "window of v1.0.0"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(c.program), name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cut := `{"from":"v1.0.0","version":"v1.1.0","phase":"swapping","files":["sendjay-window","sendjay"],"had":[true,true]}`
	if err := errors.Join(os.Mkdir(Folder(c.program), 0o700), os.WriteFile(filepath.Join(Folder(c.program), "journal.json"), []byte(cut), 0o600)); err != nil {
		t.Fatal(err)
	}
	c.runs = "v1.0.0"
	if err := c.client().Began(t.Context(), "v1.1.0"); !errors.Is(err, ErrNoTrial) {
		t.Error(err)
	}
	if c.has() != "v1.0.0" {
		t.Errorf("there is %s", c.has())
	}
	c.clean()
}

// Somebody has put up a door of the same name, or lets callers in and never speaks.
func TestAClientBelievesItsEyesAlone(t *testing.T) {
	v := newVendor(t)
	c := newComputer(t, v)
	k := c.client()
	k.Call = func(context.Context) (net.Conn, error) {
		mine, theirs := net.Pipe()
		go func() {
			_, _ = fmt.Fprintln(theirs, greeting)
			_, _ = bufio.NewReader(theirs).ReadString('\n')
			_, _ = fmt.Fprintln(theirs, "{}") // "it is done"
		}()
		return mine, nil
	}
	h, _ := c.offers(t, "v1.1.0", platform).hand(t, v, platform)
	if err := k.Put(t.Context(), h); !errors.Is(err, ErrTrouble) {
		t.Errorf("a liar was believed: %v", err)
	}
	calls := 0
	k.Call = func(ctx context.Context) (net.Conn, error) {
		if calls++; calls == 1 {
			mine, theirs := net.Pipe()
			go func() { _, _ = fmt.Fprintln(theirs, "something else") }()
			return mine, nil
		}
		return c.call(ctx)
	}
	if err := k.Put(t.Context(), h); err != nil || c.has() != "v1.1.0" {
		t.Errorf("one that does not know how to greet was the end: %v, now %s", err, c.has())
	}
	gone := At(c.program) // as where there is no service
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := gone.Put(ctx, h); !errors.Is(err, ErrGone) || Final(err) {
		t.Errorf("without a service: %v", err)
	}
}

func TestNothingThatIsSaidMakesAKeeperFallOrKeepAnything(t *testing.T) {
	v := newVendor(t)
	good := v.offers(t, "v1.1.0", platform)
	c := newComputer(t, v)
	say := func(lines []byte) {
		conn, err := c.call(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		go func() { _, _ = conn.Write(lines) }()
		l := newLine(conn)
		_, _ = l.read()
		_ = conn.SetReadDeadline(time.Now().Add(talkWithin))
		if raw, err := l.read(); err == nil && !bytes.Contains(raw, []byte("refused")) && !bytes.Contains(raw, []byte("wants")) {
			t.Errorf("%q got %q", lines, raw)
		}
	}
	say(append(bytes.Repeat([]byte("a"), maxLine+1), '\n'))
	say(fmt.Appendf(nil, `{"do":"put","version":"v1.1.0","manifest":"%s"}`+"\n", strings.Repeat("AAAA", 40<<10)))
	rapid.Check(t, func(r *rapid.T) {
		raw := rapid.SliceOf(rapid.Byte()).Draw(r, "line")
		if rapid.Bool().Draw(r, "a question") {
			raw = fmt.Appendf(nil, `{"do":%q,"version":%q,"manifest":%q,"signature":%q}`,
				rapid.SampledFrom([]string{put, began, well, back, "open"}).Draw(r, "do"), rapid.SampledFrom([]string{"", "v1.0.1", "v1.1.0", "../.."}).Draw(r, "version"),
				rapid.SampledFrom([]string{"", "AAAA", "no base64"}).Draw(r, "manifest"), rapid.SampledFrom([]string{"", "AAAA"}).Draw(r, "signature"))
		}
		say(append(raw, '\n'))
	})
	if c.has() != "v1.0.0" {
		t.Errorf("there is %s", c.has())
	}
	c.clean()
	h, _ := good.hand(t, v, platform)
	if err := c.client().Put(t.Context(), h); err != nil || c.has() != "v1.1.0" {
		t.Errorf("afterwards: %v, now %s", err, c.has())
	}
}

// People do what they like: the computer only goes forward, except for taking back what is on trial.
func TestWhateverPeopleDoAComputerGoesForwardToSignedVersions(t *testing.T) {
	v, stranger := newVendor(t), newVendor(t)
	var hands []*update.Hand
	for _, version := range []string{"v0.9.0", "v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"} {
		for _, by := range []*vendor{v, stranger} {
			h, _ := by.offers(t, version, platform).hand(t, by, platform)
			if by == stranger {
				h.Version += " of a stranger"
			}
			hands = append(hands, h)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		c := newComputer(t, v)
		defer c.stop()
		sure := "v1.0.0" // what nobody can take back
		failed := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			h := rapid.SampledFrom(hands).Draw(r, "version")
			was, trial := c.has(), c.client().Trial()
			var err error
			do := rapid.SampledFrom([]string{put, put, well, back, "power cut"}).Draw(r, "do")
			switch do {
			case put:
				err = c.client().Put(t.Context(), h)
			case well:
				if err = c.client().Well(t.Context(), h.Version); err == nil {
					sure = h.Version
				}
			case back:
				if err = c.client().Back(t.Context(), h.Version); err == nil {
					failed[h.Version] = true
				}
			default:
				c.stop()
			}
			now := c.has()
			switch {
			case err != nil && now != was:
				r.Fatalf("%s %s: %v, and %s became %s", do, h.Version, err, was, now)
			case err == nil && do == back && (now != sure || trial != h.Version):
				r.Fatalf("%s was taken back to %s, not %s; on trial was %q", h.Version, now, sure, trial)
			case release.Newer(sure, now):
				r.Fatalf("%s %s led back to %s, behind %s", do, h.Version, now, sure)
			case do == put && now != was && (now != h.Version || failed[now] || trial != ""):
				r.Fatalf("%s became %s by %s, on trial was %q", was, now, h.Version, trial)
			}
		}
	})
}

func TestTheLogStaysSmall(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenDiary(filepath.Join(dir, "service.log"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(d, nil))
	for n := range 5000 {
		log.Info("refused", "n", n)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var all int64
	files, _ := filepath.Glob(dir + "/*")
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		all += info.Size()
	}
	last, err := os.ReadFile(filepath.Join(dir, "service.log"))
	if err != nil || len(files) != 2 || all > 2*logBytes || !strings.Contains(string(last), "n=4999") {
		t.Errorf("%d files of %d bytes, %v", len(files), all, err)
	}
}
