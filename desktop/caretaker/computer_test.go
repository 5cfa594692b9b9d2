package caretaker

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aead.dev/minisign"

	"sendjay/desktop/update"
	"sendjay/shared/release"
)

const platform = "linux/amd64"

// vendor signs versions.
type vendor struct {
	public  minisign.PublicKey
	private minisign.PrivateKey
}

func newVendor(t testing.TB) *vendor {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &vendor{public, private}
}

// offer is a version as somebody hands it over.
type offer struct {
	version             string
	manifest, signature []byte
	files               map[string][]byte
}

// program is a shell script that calls itself version.
func program(version string) []byte {
	return []byte("#!/bin/sh\n" + strings.Repeat("# padding\n", 500) + "echo sendjay " + version + "\n")
}

func (v *vendor) offers(t testing.TB, version, platform string) *offer {
	t.Helper()
	o := &offer{version: version, files: map[string][]byte{"sendjay": program(version), "sendjay-window": []byte("window of " + version)}}
	o.pack(t, v, platform)
	return o
}

func (o *offer) pack(t testing.TB, v *vendor, platform string) {
	t.Helper()
	var list []release.File
	for _, name := range []string{"sendjay", "sendjay-window"} {
		f, err := release.Measure(name, bytes.NewReader(o.files[name]))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	var err error
	if o.manifest, err = release.Pack(o.version, map[string][]release.File{platform: list}); err != nil {
		t.Fatal(err)
	}
	o.signature = minisign.Sign(v.private, o.manifest)
}

// computer is one with version v1.0.0 of two programs for everybody.
type computer struct {
	t testing.TB
	*vendor
	program string
	on      bool
	runs    string // the version of a Keeper that starts now
	door    *door  // nil while none runs
	over    chan error
}

func newComputer(t testing.TB, v *vendor) *computer {
	t.Helper()
	bin := t.TempDir()
	for name, text := range map[string][]byte{"sendjay": program("v1.0.0"), "sendjay-window": []byte("window of v1.0.0")} {
		if err := os.WriteFile(filepath.Join(bin, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := &computer{t: t, vendor: v, program: filepath.Join(bin, "sendjay"), on: true}
	t.Cleanup(c.stop)
	return c
}

// door is a pipe within the process.
type door struct {
	calls chan net.Conn
	shut  chan struct{}
	once  sync.Once
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.calls:
		return c, nil
	case <-d.shut:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error   { d.once.Do(func() { close(d.shut) }); return nil }
func (d *door) Addr() net.Addr { return nil }

// start starts the Keeper that lies on the disk.
func (c *computer) start() {
	version := c.runs
	if version == "" {
		version = c.has()
	}
	u := update.New(update.Config{
		Dir: Folder(c.program), Program: c.program, Version: version, Platform: platform, Keys: release.Keys{c.public},
	})
	c.door, c.over = &door{calls: make(chan net.Conn), shut: make(chan struct{})}, make(chan error, 1)
	k := &Keeper{Updates: u, On: c.on, Log: slog.New(slog.DiscardHandler)}
	d, over := c.door, c.over
	go func() { over <- k.Serve(c.t.Context(), d) }()
}

// running reports whether the Keeper has not ended.
func (c *computer) running() bool {
	if c.door == nil {
		return false
	}
	select {
	case <-c.door.shut:
		c.ended()
		return false
	default:
		return true
	}
}

// ended waits for the Keeper to end.
func (c *computer) ended() {
	c.t.Helper()
	if err := <-c.over; err != nil {
		c.t.Errorf("the service: %v", err)
	}
	c.door = nil
}

func (c *computer) stop() {
	if c.running() {
		_ = c.door.Close()
		<-c.over
		c.door = nil
	}
}

// call is what the system does: it starts a Keeper where none runs.
func (c *computer) call(ctx context.Context) (net.Conn, error) {
	if !c.running() {
		c.start()
	}
	mine, theirs := net.Pipe()
	select {
	case c.door.calls <- theirs:
		return mine, nil
	case <-c.door.shut:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *computer) client() *Client {
	k := At(c.program)
	k.There, k.Call = func() bool { return true }, c.call
	return k
}

// has returns the version in place; both programs have to be of it.
func (c *computer) has() string {
	c.t.Helper()
	tray, err := os.ReadFile(c.program)
	if err != nil {
		c.t.Fatal(err)
	}
	window, err := os.ReadFile(c.program + "-window")
	if err != nil {
		c.t.Fatal(err)
	}
	fields := strings.Fields(string(tray))
	version := fields[len(fields)-1]
	if other := strings.TrimPrefix(string(window), "window of "); other != version {
		c.t.Fatalf("half %s, half %s", version, other)
	}
	return version
}

// hand is what a person has fetched who trusts these keys.
func (o *offer) hand(t testing.TB, trusts *vendor, platform string) (*update.Hand, string) {
	t.Helper()
	dir := t.TempDir()
	u := update.New(update.Config{Dir: dir, Program: "sendjay", Version: "v0.0.1", Platform: platform, Keys: release.Keys{trusts.public}})
	if _, err := u.Take(o.manifest, o.signature, func(f release.File) (io.Reader, error) { return bytes.NewReader(o.files[f.Name]), nil }); err != nil {
		t.Fatal(err)
	}
	h, err := u.Hand()
	if err != nil {
		t.Fatal(err)
	}
	return h, filepath.Join(dir, "staged")
}

func (c *computer) put(version string) error {
	c.t.Helper()
	h, _ := c.offers(c.t, version, platform).hand(c.t, c.vendor, platform)
	return c.client().Put(c.t.Context(), h)
}

// clean reports what a refusal has left.
func (c *computer) clean() {
	c.t.Helper()
	if left, _ := filepath.Glob(filepath.Dir(c.program) + "/sendjay*"); len(left) != 2 {
		c.t.Errorf("lying about: %q", left)
	}
	if left, _ := filepath.Glob(Folder(c.program) + "/staged/sendjay*"); len(left) != 0 {
		c.t.Errorf("lying about: %q", left)
	}
	if on := c.client().Trial(); on != "" {
		c.t.Errorf("on trial: %s", on)
	}
}
