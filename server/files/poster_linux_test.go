package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sendjay/server/files/picture"
	"sendjay/server/files/preview"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// asPicture is the name under which the test binary is the program that makes small pictures.
const asPicture = "small-pictures-under-test"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == asPicture {
		if err := picture.Work(os.NewFile(3, "picture"), os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// made has ffmpeg make a film or a sound.
func made(t *testing.T, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-nostdin"}, args...), file)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// large takes larger files than the other tests.
func large(c *Config) { c.MaxFile = 64 << 20 }

// paper is a document of one page, twice as high as wide.
func paper() string {
	var b strings.Builder
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 400]/Contents 4 0 R>>",
		"<</Length 24>>stream\n1 0 0 rg 0 0 200 400 re f\nendstream",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, body)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.String()
}

func (h *house) small(t *testing.T, f store.File, size Size) image.Image {
	t.Helper()
	b, err := h.Blobs.Open(t.Context(), f.Key+string(size))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	m, _, err := image.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAFilmHasAPosterItsSizeAndItsLength(t *testing.T) {
	h := open(t, large)
	for name, c := range map[string]struct {
		args          []string
		kind          string
		width, height int
	}{
		"long.mp4":  {[]string{"-f", "lavfi", "-i", "testsrc=size=640x360:duration=3:rate=10", "-c:v", "mpeg4"}, "video/mp4", 640, 360},
		"tall.webm": {[]string{"-f", "lavfi", "-i", "testsrc=size=240x320:duration=3:rate=10", "-c:v", "libvpx", "-deadline", "realtime"}, "video/webm", 240, 320},
	} {
		f, err := h.put(t, name, made(t, name, c.args...))
		if err != nil {
			t.Fatal(err)
		}
		if x := f.Facts; x.Kind != c.kind || x.Width != c.width || x.Height != c.height || x.Length < 2900 || x.Length > 3200 || !x.Thumb {
			t.Errorf("%s: %+v", name, x)
		}
		if m := h.small(t, f, Thumb).Bounds(); max(m.Dx(), m.Dy()) != picture.ThumbSide {
			t.Errorf("%s: the poster is %v", name, m)
		}
	}
}

func TestASoundHasItsLengthAndNoPicture(t *testing.T) {
	h := open(t, large)
	f, err := h.put(t, "a.mp3", made(t, "a.mp3", "-f", "lavfi", "-i", "sine=frequency=440:duration=2"))
	if err != nil || f.Facts.Kind != "audio/mpeg" || f.Facts.Length < 1900 || f.Facts.Length > 2200 || f.Facts.Thumb || f.Facts.Width != 0 {
		t.Errorf("%+v %v", f.Facts, err)
	}
}

func TestADocumentShowsItsFirstPage(t *testing.T) {
	h := open(t, nil)
	f, err := h.put(t, "계약서.pdf", paper())
	if err != nil || f.Facts.Kind != "application/pdf" || !f.Facts.Thumb || f.Facts.Width*2 != f.Facts.Height {
		t.Fatalf("%+v %v", f.Facts, err)
	}
	m := h.small(t, f, Thumb)
	if r, g, _, _ := m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2).RGBA(); r < 0xe000 || g > 0x2000 {
		t.Errorf("the page is not red: %x %x", r, g)
	}
}

func TestBrokenFilmsAndDocumentsAreStillFiles(t *testing.T) {
	h := open(t, large)
	film := made(t, "a.mp4", "-f", "lavfi", "-i", "testsrc=size=64x64:duration=1", "-c:v", "mpeg4")
	for name, content := range map[string]string{
		"half.mp4": film[:len(film)/2], "head.mp4": film[:40], "half.pdf": paper()[:60], "none.pdf": "%PDF-1.7\n" + strings.Repeat("x", 5000),
		// Lists that would lead elsewhere, behind the head of a film.
		"list.mp4": "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\n#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
		"list.avi": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
		"list.mpg": "ffconcat version 1.0\nfile /etc/passwd\n",
	} {
		f, err := h.put(t, name, content)
		if err != nil || f.State != store.FileWhole || f.Facts.Thumb {
			t.Errorf("%s: %+v %v", name, f.Facts, err)
		}
	}
}

func TestProgramsThatLookAtFilesAreBounded(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	said, err := run(t.Context(), file, "sh", "-c", "ulimit -t; ulimit -v; ulimit -f; nice; env | cut -d= -f1 | sort | tr '\\n' ' '")
	if want := fmt.Sprintf("%d\n%d\n%d\n19\n", mostTime, mostMemory, mostWrites); err != nil || !strings.HasPrefix(string(said), want) || strings.Contains(string(said), "HOME") {
		t.Errorf("%q %v, want %q", said, err, want)
	}
	if said, err := run(t.Context(), file, "sh", "-c", "chrt -p $$"); strings.Contains(resting(), "chrt") && (err != nil || !strings.Contains(string(said), "SCHED_IDLE")) {
		t.Errorf("it does not wait for the machine to rest: %s %v", said, err)
	}
	if _, err := run(t.Context(), file, "sh", "-c", "yes"); err == nil {
		t.Error("it said much and was let go on")
	}
	if _, err := run(t.Context(), file, "sh", "-c", "echo > "+filepath.Join(t.TempDir(), "written")); err == nil {
		t.Error("it wrote to the disk")
	}
	if _, err := run(t.Context(), file, "dd", "if=/dev/zero", "bs=3G", "count=1", "of=/dev/null"); err == nil {
		t.Error("it took more memory than it may")
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("enough"))
	if _, err := run(ctx, file, "sleep", "1000"); err == nil {
		t.Error("it went on")
	}
}

func TestSmallPicturesComeFromAProcessOfTheirOwn(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), asPicture)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	h := open(t, func(c *Config) { large(c); c.Small = []string{program} })
	f, err := h.put(t, "a.png", made(t, "a.png", "-f", "lavfi", "-i", "testsrc=size=2000x1000", "-frames:v", "1"))
	if err != nil || !f.Facts.Thumb || f.Facts.Width != 2000 || f.Facts.Height != 1000 {
		t.Fatalf("%+v %v", f.Facts, err)
	}
	if m := h.small(t, f, Screen).Bounds(); m.Dx() != picture.ScreenSide {
		t.Errorf("%v", m)
	}
	for name, content := range map[string]string{"half.png": made(t, "b.png", "-f", "lavfi", "-i", "testsrc=size=400x300", "-frames:v", "1")[:900], "bomb.png": string(bomb(t))} {
		f, err := h.put(t, name, content)
		if err != nil || f.State != store.FileWhole || f.Facts.Thumb {
			t.Errorf("%s: %+v %v", name, f.Facts, err)
		}
	}
}

func TestThePictureOfACardIsUnfoldedOutsideToo(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), asPicture)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	pictures := map[string][]byte{"/wide.png": dot(t, 2000, 1000), "/small.png": dot(t, 90, 60), "/bomb.png": bomb(t)}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(pictures[r.URL.Path]) }))
	defer site.Close()
	c := Cards{Small: []string{program}, Fetch: &preview.Fetcher{Inside: []string{strings.TrimPrefix(site.URL, "http://")}}}
	for path, want := range map[string]image.Point{"/wide.png": {cardSide, cardSide / 2}, "/small.png": {90, 60}} {
		var f store.Found
		raw, err := c.picture(t.Context(), site.URL+path, &f)
		if err != nil || f.Width != map[bool]int{true: 2000, false: 90}[path == "/wide.png"] {
			t.Fatalf("%s: %+v %v", path, f, err)
		}
		if m, _, err := image.Decode(bytes.NewReader(raw)); err != nil || m.Bounds().Size() != want {
			t.Errorf("%s is kept as %v, %v", path, m.Bounds(), err)
		}
	}
	if _, err := c.picture(t.Context(), site.URL+"/bomb.png", &store.Found{}); err == nil {
		t.Error("a bomb was kept")
	}
	c.Small = []string{"false"}
	if _, err := c.picture(t.Context(), site.URL+"/small.png", &store.Found{}); err == nil {
		t.Error("it was unfolded here")
	}
}

func TestThePictureOfAPersonIsUnfoldedOutsideToo(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), asPicture)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	h := open(t, func(c *Config) { c.Small = []string{program} })
	for _, size := range []image.Point{{2000, 1000}, {300, 500}, {90, 60}} {
		raw, err := h.Face(t.Context(), dot(t, size.X, size.Y))
		if err != nil {
			t.Fatal(size, err)
		}
		m, _, err := image.Decode(bytes.NewReader(raw))
		if side := min(faceSide, size.X, size.Y); err != nil || m.Bounds().Size() != (image.Point{side, side}) {
			t.Errorf("of %v: %v %v", size, m.Bounds(), err)
		}
	}
	if _, err := h.Face(t.Context(), bomb(t)); protocol.CodeOf(err) != protocol.TooLarge {
		t.Errorf("a bomb: %v", err)
	}
	h.Small = []string{"false"}
	if _, err := h.Face(t.Context(), dot(t, 90, 60)); protocol.CodeOf(err) != protocol.BadRequest {
		t.Errorf("it was unfolded here: %v", err)
	}
}

// bomb is the head of a picture that would take gigabytes.
func bomb(t *testing.T) []byte {
	t.Helper()
	raw := bytes.Clone(dot(t, 8, 8))
	copy(raw[16:], []byte{0, 0, 0x60, 0, 0, 0, 0x60, 0})
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29])) // the head is a good one
	return raw
}
