package offer

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"aead.dev/minisign"
	"github.com/gofrs/flock"

	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// shelf is a folder of offers and the key that signs for it.
type shelf struct {
	*Offers
	t       *testing.T
	private minisign.PrivateKey
}

func fresh(t *testing.T) *shelf {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{New(filepath.Join(t.TempDir(), "updates"), release.Keys{public}), t, private}
}

// packed returns a folder with a signed release.
func (s *shelf) packed(version string) string {
	s.t.Helper()
	dir := s.t.TempDir()
	for _, platform := range []string{"linux-amd64", "windows-amd64"} {
		if err := os.Mkdir(filepath.Join(dir, platform), 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, platform, "sendjay"), []byte(platform+" "+version), 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := Pack(dir, version); err != nil {
		s.t.Fatal(err)
	}
	manifest := filepath.Join(dir, release.ManifestName)
	raw, err := os.ReadFile(manifest)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, release.SignatureName), minisign.Sign(s.private, raw), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

func (s *shelf) publish(versions ...string) {
	s.t.Helper()
	for _, v := range versions {
		if m, err := s.Publish(s.packed(v)); err != nil || m.Version != v {
			s.t.Fatalf("%+v %v", m, err)
		}
	}
}

func (s *shelf) set(one protocol.UpdateOffer) {
	s.t.Helper()
	if err := s.Set(one); err != nil {
		s.t.Fatal(err)
	}
}

// gets returns the version that kim of unit A10 gets.
func (s *shelf) gets(channel, has string) string {
	s.t.Helper()
	u, err := s.For(Who{User: "kim", Org: "A10", Channel: channel, Platform: "linux/amd64", Version: has})
	if err != nil {
		s.t.Fatal(err)
	}
	if u == nil {
		return ""
	}
	return u.Version
}

func TestAnEmptyFolderOffersNothing(t *testing.T) {
	s := fresh(t)
	if v := s.gets("stable", "v1.0.0"); v != "" || s.Stamp() != "" {
		t.Errorf("%q, stamp %q", v, s.Stamp())
	}
	if _, _, err := s.Open("v1.0.0", "linux/amd64", "sendjay"); !errors.Is(err, ErrNoVersion) {
		t.Errorf("%v", err)
	}
}

func TestTheNewestThatReachesAPersonIsOffered(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0", "v1.2.0", "v2.0.0-beta.1")
	if v := s.gets("stable", "v1.0.0"); v != "" {
		t.Errorf("published, and offered at once: %s", v)
	}
	before := s.Stamp()
	s.set(protocol.UpdateOffer{Version: "v1.1.0", Channel: "stable", Percent: 100})
	if s.Stamp() == before {
		t.Error("the stamp is the same")
	}
	s.set(protocol.UpdateOffer{Version: "v1.2.0", Channel: "stable", Orgs: []string{"B20"}, Users: []protocol.UserID{"lee"}})
	s.set(protocol.UpdateOffer{Version: "v2.0.0-beta.1", Channel: "early", Users: []protocol.UserID{"kim"}})
	for _, c := range []struct{ channel, has, want string }{
		{"stable", "v1.0.0", "v1.1.0"},
		{"stable", "v1.1.0", ""},
		{"stable", "v3.0.0", ""},
		{"stable", "dev", "v1.1.0"},
		{"early", "v1.0.0", "v2.0.0-beta.1"},
		{"lts", "v1.0.0", ""},
	} {
		if got := s.gets(c.channel, c.has); got != c.want {
			t.Errorf("%s with %s gets %q, want %q", c.channel, c.has, got, c.want)
		}
	}
	s.set(protocol.UpdateOffer{Version: "v1.2.0", Channel: "stable", Orgs: []string{"A10"}})
	if got := s.gets("stable", "v1.0.0"); got != "v1.2.0" {
		t.Errorf("the unit's ring gets %q", got)
	}
	if was, err := s.Withdraw("v1.2.0"); !was || err != nil {
		t.Errorf("%v %v", was, err)
	}
	if got := s.gets("stable", "v1.0.0"); got != "v1.1.0" {
		t.Errorf("after the withdrawal %q", got)
	}
}

func TestARingOnlyGrows(t *testing.T) {
	in := func(percent int) map[int]bool {
		all := map[int]bool{}
		for n := range 2000 {
			if reaches(protocol.UpdateOffer{Version: "v1.0.0", Channel: "stable", Percent: percent}, Who{User: protocol.UserID(fmt.Sprint("u", n)), Channel: "stable"}) {
				all[n] = true
			}
		}
		return all
	}
	few, many := in(10), in(50)
	if len(few) < 120 || len(few) > 280 || len(many) < 850 || len(many) > 1150 || len(in(100)) != 2000 || len(in(0)) != 0 {
		t.Errorf("10 %% are %d of 2000, 50 %% are %d", len(few), len(many))
	}
	for n := range few {
		if !many[n] {
			t.Fatal("somebody left the ring when it grew")
		}
	}
}

func TestOnlyAWholeAndSignedReleaseGetsIn(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  error
	}{
		"another signature": {func(dir string) error {
			_, stranger, _ := minisign.GenerateKey(rand.Reader)
			raw, err := os.ReadFile(filepath.Join(dir, release.ManifestName))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, release.SignatureName), minisign.Sign(stranger, raw), 0o600)
		}, release.ErrSignature},
		"no signature": {func(dir string) error { return os.Remove(filepath.Join(dir, release.SignatureName)) }, os.ErrNotExist},
		"a program less": {func(dir string) error {
			return os.Remove(filepath.Join(dir, "linux-amd64", "sendjay"))
		}, os.ErrNotExist},
		"a changed program": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "linux-amd64", "sendjay"), []byte("linux-amd64 v9.9.9"), 0o600)
		}, release.ErrFile},
		"a link out of the folder": {func(dir string) error {
			at := filepath.Join(dir, "linux-amd64", "sendjay")
			if err := os.Remove(at); err != nil {
				return err
			}
			return os.Symlink(filepath.Join(dir, "..", "elsewhere"), at)
		}, nil},
	} {
		s := fresh(t)
		dir := s.packed("v1.1.0")
		if err := c.spoil(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(dir); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if names, _, err := s.Published(); len(names) > 0 || err != nil {
			t.Errorf("%s: here are %q, %v", name, names, err)
		}
		if err := s.Set(protocol.UpdateOffer{Version: "v1.1.0", Channel: "stable", Percent: 100}); !errors.Is(err, ErrNoVersion) {
			t.Errorf("%s: offered, %v", name, err)
		}
	}
}

func TestAVersionIsPublishedOnce(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0")
	if _, err := s.Publish(s.packed("v1.1.0")); err == nil {
		t.Error("published twice")
	}
}

func TestServersThatShareTheFolderTakeTurns(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0")
	beside := &shelf{New(s.dir, s.keys), t, s.private}
	t.Run("what both offer at once is all there", func(t *testing.T) {
		const each = 20
		var all sync.WaitGroup
		for n, of := range []*shelf{s, beside} {
			all.Go(func() {
				for i := range each {
					one := protocol.UpdateOffer{Version: "v1.1.0", Channel: Channels[n], Users: []protocol.UserID{protocol.UserID(fmt.Sprint(i))}}
					if err := of.Set(one); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		list, err := New(s.dir, s.keys).List()
		if err != nil || len(list) != 2 || list[0].Users[0] != protocol.UserID(fmt.Sprint(each-1)) || list[1].Users[0] != list[0].Users[0] {
			t.Errorf("%+v %v", list, err)
		}
	})
	t.Run("a version that both take in at once gets in once", func(t *testing.T) {
		errs := make(chan error, 2)
		for _, of := range []*shelf{s, beside} {
			dir := of.packed("v1.2.0")
			go func() {
				_, err := of.Publish(dir)
				errs <- err
			}()
		}
		one, other := <-errs, <-errs
		if one == nil {
			one, other = other, one
		}
		if !errors.Is(one, ErrKnown) || other != nil {
			t.Errorf("%v, %v", one, other)
		}
		if _, faults, err := s.Published(); len(faults) > 0 || err != nil {
			t.Errorf("%v %v", faults, err)
		}
	})
	t.Run("who would have to wait in a browser hears that another is at it", func(t *testing.T) {
		free, err := s.alone(takingName, (*flock.Flock).Lock)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := beside.Take(strings.NewReader("")); !errors.Is(err, ErrBusy) {
			t.Errorf("while held: %v", err)
		}
		free()
		if _, err := beside.Take(strings.NewReader("")); !errors.Is(err, ErrArchive) {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestWhatWasChangedLaterIsFound(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0")
	at := filepath.Join(s.dir, versions, "v1.1.0", "linux-amd64", "sendjay")
	if err := os.WriteFile(at, []byte("linux-amd64 v1.1.1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults, err := s.Published(); !errors.Is(faults["v1.1.0"], release.ErrFile) || err != nil {
		t.Errorf("%v %v", faults, err)
	}
}

func TestOnlyWhatTheManifestNamesCanBeFetched(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0")
	f, about, err := s.Open("v1.1.0", "linux/amd64", "sendjay")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if raw, err := io.ReadAll(f); string(raw) != "linux-amd64 v1.1.0" || err != nil || about.Size != int64(len(raw)) {
		t.Errorf("%q %v %+v", raw, err, about)
	}
	for _, c := range [][3]string{
		{"v1.1.0", "linux/amd64", "manifest.json"},
		{"v1.1.0", "linux/amd64", "../manifest.json"},
		{"v1.1.0", "linux/arm64", "sendjay"},
		{"../versions/v1.1.0", "linux/amd64", "sendjay"},
		{"v1.0.0", "linux/amd64", "sendjay"},
		{"", "", ""},
	} {
		if _, _, err := s.Open(c[0], c[1], c[2]); !errors.Is(err, ErrNoVersion) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestAnOfferNamesAChannelAndSomebody(t *testing.T) {
	s := fresh(t)
	s.publish("v1.1.0")
	for _, one := range []protocol.UpdateOffer{
		{Version: "v1.1.0", Channel: "nightly", Percent: 100},
		{Version: "v1.1.0", Channel: "stable"},
		{Version: "v1.1.0", Channel: "stable", Percent: 101},
		{Version: "v1.1.0", Channel: "stable", Percent: -1},
	} {
		if err := s.Set(one); !errors.Is(err, ErrOffer) {
			t.Errorf("%+v: %v", one, err)
		}
	}
}

// zipped returns the folder of a release as a zip file, below a folder of its own.
func zipped(t *testing.T, dir, below string, more map[string]string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name string, raw []byte) {
		f, err := w.Create(path.Join(below, name))
		if err == nil {
			_, err = f.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		add(name, raw)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, raw := range more {
		add(name, []byte(raw))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestASignedReleaseComesInAsAZipFile(t *testing.T) {
	for _, below := range []string{"", "v1.1.0"} {
		s := fresh(t)
		m, err := s.Take(zipped(t, s.packed("v1.1.0"), below, map[string]string{"linux-amd64/more": "not signed", "../outside": "x"}))
		if err != nil || m.Version != "v1.1.0" {
			t.Fatalf("below %q: %+v %v", below, m, err)
		}
		if names, faults, err := s.Published(); len(names) != 1 || len(faults) > 0 || err != nil {
			t.Errorf("below %q: %q %v %v", below, names, faults, err)
		}
		here, err := s.Versions()
		if err != nil || len(here) != 1 || here[0].Size == 0 || len(here[0].Platforms) != 2 || here[0].Fault != nil {
			t.Errorf("below %q: %+v %v", below, here, err)
		}
		left, err := filepath.Glob(filepath.Join(s.dir, versions, "*"))
		if err != nil || len(left) != 1 {
			t.Errorf("below %q there lies %q, %v", below, left, err)
		}
		if _, err := os.Stat(filepath.Join(s.dir, versions, "v1.1.0", "linux-amd64", "more")); err == nil {
			t.Error("what is not signed was unpacked")
		}
		if _, err := s.Take(zipped(t, s.packed("v1.1.0"), below, nil)); !errors.Is(err, ErrKnown) {
			t.Errorf("again: %v", err)
		}
	}
}

func TestWhatIsNoSignedReleaseLeavesNothingBehind(t *testing.T) {
	s := fresh(t)
	other := fresh(t)
	good := s.packed("v1.1.0")
	changed := s.packed("v1.2.0")
	if err := os.WriteFile(filepath.Join(changed, "linux-amd64", "sendjay"), []byte("linux-amd64 v6.6.6"), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := zipped(t, good, "", nil)
	cut.Truncate(cut.Len() / 2)
	for name, c := range map[string]struct {
		from io.Reader
		want error
	}{
		"no zip file":          {strings.NewReader("hello"), ErrArchive},
		"nothing":              {strings.NewReader(""), ErrArchive},
		"half a zip file":      {cut, ErrArchive},
		"no manifest":          {zipped(t, t.TempDir(), "", map[string]string{"a": "b"}), ErrArchive},
		"two manifests":        {zipped(t, good, "a", map[string]string{"../b/manifest.json": "{}"}), ErrArchive},
		"another's signature":  {zipped(t, other.packed("v1.1.0"), "", nil), release.ErrSignature},
		"a changed program":    {zipped(t, changed, "", nil), release.ErrFile},
		"a line that is cut":   {io.MultiReader(strings.NewReader("PK"), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		"a path out of it all": {zipped(t, t.TempDir(), "..", map[string]string{"manifest.json": "{}"}), fs.ErrNotExist},
	} {
		if _, err := s.Take(c.from); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if here, err := s.Versions(); len(here) > 0 || err != nil {
			t.Errorf("%s: %+v %v", name, here, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, versions, "*")); len(left) > 0 || err != nil {
		t.Errorf("left behind %q, %v", left, err)
	}
	if _, err := New(t.TempDir(), nil).Take(zipped(t, good, "", nil)); !errors.Is(err, release.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}
