package update

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aead.dev/minisign"

	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// shop is a server that offers one version, and whatever lies it is told to tell.
type shop struct {
	t       *testing.T
	private minisign.PrivateKey
	keys    release.Keys
	offer   protocol.Update
	files   map[string][]byte
	ranges  []string
	cut     int // bytes after which an answer breaks off, 0 for never
}

func open(t *testing.T) *shop {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{t: t, private: private, keys: release.Keys{public}}
}

// program is a shell script that calls itself version.
func program(version string) []byte {
	return []byte("#!/bin/sh\n" + strings.Repeat("# padding\n", 2000) + "echo sendjay " + version + "\n")
}

// offers puts a version up.
func (s *shop) offers(version string) {
	s.t.Helper()
	s.files = map[string][]byte{"sendjay": program(version), "sendjay-window": []byte("window of " + version)}
	var list []release.File
	for _, name := range []string{"sendjay", "sendjay-window"} {
		f, err := release.Measure(name, bytes.NewReader(s.files[name]))
		if err != nil {
			s.t.Fatal(err)
		}
		list = append(list, f)
	}
	raw, err := release.Pack(version, map[string][]release.File{"linux/amd64": list})
	if err != nil {
		s.t.Fatal(err)
	}
	s.offer = protocol.Update{Version: version, Manifest: string(raw), Signature: string(minisign.Sign(s.private, raw))}
}

func (s *shop) Get(_ context.Context, _ string, into any) error {
	raw, err := json.Marshal(s.offer)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (s *shop) Do(r *http.Request) (*http.Response, error) {
	s.ranges = append(s.ranges, r.Header.Get("Range"))
	name := filepath.Base(r.URL.Path)
	if r.URL.Path != "/api/v1/updates/"+s.offer.Version+"/linux/amd64/"+name {
		s.t.Errorf("asked for %s", r.URL.Path)
	}
	w := httptest.NewRecorder()
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.files[name]))
	answer := w.Result()
	if s.cut > 0 {
		answer.Body = io.NopCloser(io.MultiReader(io.LimitReader(answer.Body, int64(s.cut)), broken{}))
	}
	return answer, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

// device is a computer with version v1.0.0 of two programs.
func (s *shop) device() *Updater {
	s.t.Helper()
	bin := s.t.TempDir()
	for name, text := range map[string][]byte{"sendjay": program("v1.0.0"), "sendjay-window": []byte("window of v1.0.0")} {
		if err := os.WriteFile(filepath.Join(bin, name), text, 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	return New(Config{
		Dir: filepath.Join(s.t.TempDir(), "update"), Program: filepath.Join(bin, "sendjay"), Version: "v1.0.0",
		Channel: "stable", Platform: "linux/amd64", Keys: s.keys, Line: s, Log: slog.New(slog.DiscardHandler),
	})
}

// as is the same device as another version sees it.
func (u *Updater) as(version string) *Updater {
	c := u.Config
	c.Version = version
	return New(c)
}

// has returns the versions of the two programs in place.
func (s *shop) has(u *Updater) string {
	s.t.Helper()
	tray, err := os.ReadFile(u.Program)
	if err != nil {
		return fmt.Sprint("no tray: ", err)
	}
	window, err := os.ReadFile(u.Program + "-window")
	if err != nil {
		return fmt.Sprint("no window: ", err)
	}
	fields := strings.Fields(string(tray))
	return fields[len(fields)-1] + " " + strings.TrimPrefix(string(window), "window of ")
}

func (s *shop) fetched(u *Updater) {
	s.t.Helper()
	if v, err := u.Look(s.t.Context(), true); err != nil || v != s.offer.Version || u.Ready() != v {
		s.t.Fatalf("fetched %q, ready %q, %v", v, u.Ready(), err)
	}
}

func TestAVersionIsFetchedPutInPlaceAndConfirmed(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	if v, err := u.Apply(t.Context()); err != nil || v != "v1.1.0" || s.has(u) != "v1.1.0 v1.1.0" || u.Trial() != "v1.1.0" {
		t.Fatalf("%q %v, now %s, on trial %q", v, err, s.has(u), u.Trial())
	}
	renewed := u.as("v1.1.0")
	if err := renewed.Confirm(); err != nil || renewed.Trial() != "" || renewed.Ready() != "" {
		t.Errorf("%v, on trial %q, ready %q", err, renewed.Trial(), renewed.Ready())
	}
	left, err := filepath.Glob(filepath.Dir(u.Program) + "/*")
	if err != nil || len(left) != 2 {
		t.Errorf("lying about: %q", left)
	}
}

func TestAVersionThatDoesNotComeUpIsTakenBackAndNotTriedAgain(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	if _, err := u.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := u.Revert(); err != nil || s.has(u) != "v1.0.0 v1.0.0" || u.Trial() != "" {
		t.Fatalf("%v, now %s, on trial %q", err, s.has(u), u.Trial())
	}
	if _, err := u.Look(t.Context(), true); !errors.Is(err, ErrFailed) {
		t.Errorf("looked again: %v", err)
	}
	s.offers("v1.0.5")
	s.fetched(u) // the way back to something in between is open
}

func TestWhatIsNotAsItWasSignedIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(s *shop)
		want error
	}{
		"a stranger's key": {func(s *shop) {
			_, private, _ := minisign.GenerateKey(rand.Reader)
			s.offer.Signature = string(minisign.Sign(private, []byte(s.offer.Manifest)))
		}, release.ErrSignature},
		"a changed manifest": {func(s *shop) { s.offer.Manifest = strings.Replace(s.offer.Manifest, "v1.1.0", "v1.2.0", 1) }, release.ErrSignature},
		"a changed program":  {func(s *shop) { s.files["sendjay"][100] ^= 1 }, release.ErrFile},
		"a longer program":   {func(s *shop) { s.files["sendjay-window"] = append(s.files["sendjay-window"], "more"...) }, release.ErrFile},
		"a shorter program":  {func(s *shop) { s.files["sendjay"] = s.files["sendjay"][:500] }, release.ErrFile},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			u := s.device()
			s.offers("v1.1.0")
			c.lie(s)
			if _, err := u.Look(t.Context(), true); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if u.Ready() != "" {
				t.Error("it is ready")
			}
			if _, err := u.Apply(t.Context()); err == nil || s.has(u) != "v1.0.0 v1.0.0" {
				t.Errorf("put in place: %v, %s", err, s.has(u))
			}
		})
	}
}

func TestAnOlderSignedVersionIsRefused(t *testing.T) {
	s := open(t)
	u := s.device()
	for _, c := range []struct {
		version string
		want    error
	}{
		{"v0.9.0", ErrOld}, // a downgrade
		{"v1.0.0", ErrOld},
		{"v1.3.0", nil},
		{"v1.2.0", ErrOld}, // newer than what runs, but not the newest that was offered: a replay
		{"v1.3.0", nil},
		{"v1.3.1", nil},
	} {
		s.offers(c.version)
		if _, err := u.Look(t.Context(), false); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.version, err, c.want)
		}
	}
}

func TestAVersionThatFailedHereForSomebodyElseIsRefused(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	var failed []string
	u.Shunned = func() []string { return failed }
	failed = []string{"v1.1.0"}
	if _, err := u.Look(t.Context(), true); !errors.Is(err, ErrFailed) || u.Ready() != "" {
		t.Errorf("%v, ready %q", err, u.Ready())
	}
}

func TestAVersionThatCannotBePutInPlaceIsTriedAFewTimesAWeek(t *testing.T) {
	for _, vain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			u := s.device()
			s.offers("v1.1.0")
			for range 2 {
				tries := 0
				for ; !u.Balked("v1.1.0") && tries < 10; tries++ {
					if err := u.Balk("v1.1.0", vain); err != nil {
						t.Fatal(err)
					}
				}
				if want := map[bool]int{false: maxBalks, true: 1}[vain]; tries != want {
					t.Errorf("given up after %d tries, want %d", tries, want)
				}
				if v, err := u.Look(t.Context(), true); v != "v1.1.0" || err != nil || len(s.ranges) != 0 {
					t.Errorf("%q %v, fetched %q", v, err, s.ranges)
				}
				time.Sleep(balkRest)
			}
			s.offers("v1.2.0")
			s.fetched(u)
		})
	}
}

func TestAVersionForOtherComputersIsRefused(t *testing.T) {
	s := open(t)
	s.offers("v1.1.0")
	c := s.device().Config
	c.Platform = "linux/riscv64"
	if _, err := New(c).Look(t.Context(), true); !errors.Is(err, ErrPlatform) {
		t.Errorf("%v", err)
	}
	c.Platform, c.Program = "linux/amd64", filepath.Join(filepath.Dir(c.Program), "sendjay.exe")
	if _, err := New(c).Look(t.Context(), true); !errors.Is(err, ErrPlatform) {
		t.Errorf("%v", err)
	}
}

func TestADownloadGoesOnWhereItBrokeOff(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.cut = 7000
	if _, err := u.Look(t.Context(), true); err == nil || u.Ready() != "" {
		t.Fatalf("%v, ready %q", err, u.Ready())
	}
	if _, err := u.Look(t.Context(), true); err == nil {
		t.Fatal("20 kB came through in two pieces of 7")
	}
	s.cut = 0
	s.fetched(u)
	if s.ranges[0] != "" || s.ranges[1] != "bytes=7000-" || s.ranges[2] != "bytes=14000-" {
		t.Errorf("asked for %q", s.ranges)
	}
}

func TestAnAnswerWithoutEndIsCutAtTheSizeOfTheManifest(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.files["sendjay"] = append(s.files["sendjay"], make([]byte, 8<<20)...)
	if _, err := u.Look(t.Context(), true); !errors.Is(err, release.ErrFile) {
		t.Errorf("%v", err)
	}
	_ = filepath.WalkDir(u.Dir, func(path string, e os.DirEntry, _ error) error {
		if info, err := e.Info(); err == nil && info.Size() > 1<<20 {
			t.Errorf("%s has %d bytes", path, info.Size())
		}
		return nil
	})
}

func TestWhatIsOfferedNoMoreIsForgotten(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	s.offer = protocol.Update{}
	if v, err := u.Look(t.Context(), true); v != "" || err != nil || u.Ready() != "" {
		t.Errorf("%q %v, ready %q", v, err, u.Ready())
	}
}

func TestAProgramThatDoesNotStartIsNotPutInPlace(t *testing.T) {
	s := open(t)
	for name, text := range map[string]string{"nothing that runs": "no program", "another version": string(program("v7.0.0")), "one that falls": "#!/bin/sh\nexit 1\n"} {
		u := s.device()
		s.offers("v1.1.0")
		s.files["sendjay"] = []byte(text)
		f, _ := release.Measure("sendjay", strings.NewReader(text))
		raw, err := release.Pack("v1.1.0", map[string][]release.File{"linux/amd64": {f}})
		if err != nil {
			t.Fatal(err)
		}
		s.offer.Manifest, s.offer.Signature = string(raw), string(minisign.Sign(s.private, raw))
		s.fetched(u)
		if _, err := u.Apply(t.Context()); !errors.Is(err, ErrFailed) || s.has(u) != "v1.0.0 v1.0.0" || u.Trial() != "" {
			t.Errorf("%s: %v, now %s", name, err, s.has(u))
		}
		if left, _ := filepath.Glob(filepath.Dir(u.Program) + "/*"); len(left) != 2 {
			t.Errorf("%s: lying about: %q", name, left)
		}
	}
}

// The session ends, or the computer is shut down, while it is looked whether the program starts.
func TestAnEndInTheMiddleIsNoFaultOfTheVersion(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := u.Apply(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrFailed) || s.has(u) != "v1.0.0 v1.0.0" {
		t.Errorf("%v, now %s", err, s.has(u))
	}
	if v, err := u.Apply(t.Context()); err != nil || v != "v1.1.0" {
		t.Errorf("afterwards: %q %v", v, err)
	}
}

// A change is cut after every number of steps: afterwards there is the old version or the new one, whole.
func TestAChangeThatIsCutLeavesOneWholeVersion(t *testing.T) {
	const programs = 2
	for steps := range programs + 1 {
		for _, half := range []bool{false, true} {
			s := open(t)
			u := s.device()
			s.offers("v1.1.0")
			s.fetched(u)
			m, err := u.prove()
			if err != nil {
				t.Fatal(err)
			}
			j := journal{From: "v1.0.0", Version: "v1.1.0", Phase: swapping, Files: []string{"sendjay-window", "sendjay"}, Had: []bool{true, true}}
			for _, name := range j.Files {
				if err := u.bring(name, m); err != nil {
					t.Fatal(err)
				}
			}
			if err := writeJSON(u.journalPath(), j); err != nil {
				t.Fatal(err)
			}
			for i := range steps {
				if err := exchange(u.at(j.Files[i]), true); err != nil {
					t.Fatal(err)
				}
			}
			if half && steps < programs { // between the second name and the exchange
				if err := os.Link(u.at(j.Files[steps]), u.at(j.Files[steps])+oldMark); err != nil {
					t.Fatal(err)
				}
			}
			runs, want := "v1.0.0", "v1.0.0 v1.0.0"
			if steps == programs {
				runs, want = "v1.1.0", "v1.1.0 v1.1.0"
			}
			after := u.as(runs)
			if err := after.Recover(); err != nil || s.has(u) != want {
				t.Errorf("cut after %d steps, half %v: %v, now %s, want %s", steps, half, err, s.has(u), want)
			}
			if onTrial := after.Trial() != ""; onTrial != (steps == programs) {
				t.Errorf("cut after %d steps: on trial %v", steps, onTrial)
			}
		}
	}
}

func TestATrialThatIsCutAgainAndAgainIsLost(t *testing.T) {
	s := open(t)
	u := s.device()
	s.offers("v1.1.0")
	s.fetched(u)
	if _, err := u.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	renewed := u.as("v1.1.0")
	for n := range maxTries {
		if err := renewed.Recover(); err != nil || renewed.Trial() == "" {
			t.Fatalf("start %d: %v, on trial %q", n, err, renewed.Trial())
		}
	}
	if err := renewed.Recover(); err != nil || renewed.Trial() != "" || s.has(u) != "v1.0.0 v1.0.0" {
		t.Errorf("%v, now %s", err, s.has(u))
	}
}

func TestABuildThatIsNoReleaseOrKnowsNoKeyIsNeverReplaced(t *testing.T) {
	s := open(t)
	u := s.device()
	for version, able := range map[string]bool{"v1.0.0": true, "dev": false, "v1.0.0-3-g123abcd": false} {
		if got := u.as(version).Able(); got != able {
			t.Errorf("%s: %v", version, got)
		}
	}
	u.Keys = nil
	if u.Able() {
		t.Error("without a key")
	}
}

func TestAFolderThatIsNotOursIsLeftAlone(t *testing.T) {
	if os.Getuid() == 0 {
		// Rights do not bind root; a file in the folder's place does.
		s := open(t)
		u := s.device()
		u.Program = filepath.Join(u.Program, "sendjay")
		if u.Installable() {
			t.Error("it would be written")
		}
		return
	}
	u := open(t).device()
	if err := os.Chmod(filepath.Dir(u.Program), 0o500); err != nil {
		t.Fatal(err)
	}
	if u.Installable() {
		t.Error("it would be written")
	}
}
