package sessionbus

import (
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// FileManager shows nothing and remembers what it was asked to.
type FileManager struct {
	t     testing.TB
	shown chan []string
}

// FileManager runs what shows files in their folders.
func (b *Bus) FileManager(t testing.TB) *FileManager {
	t.Helper()
	m := &FileManager{t: t, shown: make(chan []string, 16)}
	conn := b.Connect(t)
	if err := conn.Export(files{m}, "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1"); err != nil {
		t.Fatal(err)
	}
	own(t, conn, "org.freedesktop.FileManager1")
	return m
}

type files struct{ m *FileManager }

func (f files) ShowItems(uris []string, _ string) *dbus.Error {
	f.m.shown <- uris
	return nil
}

// Await returns the addresses that were to be shown next.
func (m *FileManager) Await() []string {
	m.t.Helper()
	select {
	case uris := <-m.shown:
		return uris
	case <-time.After(30 * time.Second):
		m.t.Fatal("no file was to be shown")
		return nil
	}
}
