package update

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sendjay/shared/release"
)

// The phases of a change, as the journal says. While the programs change, the tray's own is the last: which
// version a start finds itself to be tells how far it came.
const (
	swapping = "swapping"
	onTrial  = "on trial"
)

// maxTries is how often a version on trial may be started without saying that it is well.
const maxTries = 3

// journal is the record of a change that is under way.
type journal struct {
	From    string `json:"from"`
	Version string `json:"version"`
	Phase   string `json:"phase"`
	Tries   int    `json:"tries"`
	// Files are the programs, in the order of their change; Had says which were there before.
	Files []string `json:"files"`
	Had   []bool   `json:"had"`
}

func (u *Updater) journalPath() string { return filepath.Join(u.Dir, "journal.json") }

func (u *Updater) journal() (j journal, err error) {
	raw, err := os.ReadFile(u.journalPath())
	if err == nil {
		err = json.Unmarshal(raw, &j)
	}
	return j, err
}

// Trial returns the version that has to say that it is well, "" when none has to.
func (u *Updater) Trial() string {
	j, err := u.journal()
	if err != nil {
		return ""
	}
	return j.Version
}

// Began returns when a change was last begun or its version last started, and whether it was cut in the middle.
// Without a change it is the zero time.
func (u *Updater) Began() (at time.Time, cut bool) {
	j, err := u.journal()
	if err != nil {
		return time.Time{}, false
	}
	if info, err := os.Stat(u.journalPath()); err == nil {
		at = info.ModTime()
	}
	return at, j.Phase == swapping
}

// startWithin is how long a program may take to say its version.
const startWithin = 20 * time.Second

// Apply puts the version that was fetched in place of this one. No tray may run. What goes wrong leaves
// everything as it was.
func (u *Updater) Apply(ctx context.Context) (string, error) {
	m, err := u.prove()
	if err != nil {
		return "", err
	}
	j := journal{From: u.Version, Version: m.Version, Phase: swapping}
	own := filepath.Base(u.Program)
	for _, f := range m.Files[u.Platform] {
		if f.Name != own {
			j.Files = append(j.Files, f.Name)
		}
	}
	j.Files = append(j.Files, own)
	for _, name := range j.Files {
		_, err := os.Stat(u.at(name))
		j.Had = append(j.Had, err == nil)
		if err := u.bring(name, m); err != nil {
			u.sweep(j)
			return "", err
		}
	}
	// One that cannot even say its name could not be taken back by its own watcher.
	if err := Says(ctx, u.at(own)+newMark, m.Version); err != nil {
		u.sweep(j)
		if !errors.Is(err, ErrFailed) {
			return m.Version, err
		}
		return m.Version, errors.Join(err, u.disown(m.Version))
	}
	// From here on an old program beside its place is one of this change.
	for _, name := range j.Files {
		if err := stepAside(u.at(name) + oldMark); err != nil {
			u.sweep(j)
			return "", err
		}
	}
	if err := errors.Join(u.note(func(k *memo) { k.Changed = j.Files }), writeJSON(u.journalPath(), j)); err != nil {
		u.sweep(j)
		return "", err
	}
	for i, name := range j.Files {
		if err := exchange(u.at(name), j.Had[i]); err != nil {
			return "", errors.Join(fmt.Errorf("%s: %w", name, err), u.undo(j))
		}
	}
	syncDir(filepath.Dir(u.Program))
	j.Phase = onTrial
	return m.Version, writeJSON(u.journalPath(), j)
}

func (u *Updater) at(name string) string { return filepath.Join(filepath.Dir(u.Program), name) }

// The marks of a program that waits beside its place, and of one that had it before.
const (
	newMark = ".new"
	oldMark = ".old"
)

// bring copies a program beside its place, where it is only renamed afterwards.
func (u *Updater) bring(name string, m *release.Manifest) error {
	in, err := os.Open(filepath.Join(u.staged(), name))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	mode := fs.FileMode(0o755)
	if info, err := os.Stat(u.at(name)); err == nil {
		mode = info.Mode().Perm() | 0o100
	}
	_ = os.Remove(u.at(name) + newMark)
	out, err := os.OpenFile(u.at(name)+newMark, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Files[u.Platform], func(f release.File) bool { return f.Name == name })
	// What is copied is what is checked.
	err = m.Files[u.Platform][i].Check(io.TeeReader(in, out))
	return errors.Join(err, out.Sync(), out.Close())
}

// sweep removes what waits beside its place.
func (u *Updater) sweep(j journal) {
	for _, name := range j.Files {
		_ = os.Remove(u.at(name) + newMark)
	}
}

// Says reports whether a program starts and calls itself version.
func Says(ctx context.Context, program, version string) error {
	said, err := Calls(ctx, program)
	if err == nil && said != version {
		err = fmt.Errorf("%w: it calls itself %q", ErrFailed, said)
	}
	return err
}

// Calls returns the version that a program calls itself.
func Calls(ctx context.Context, program string) (string, error) {
	within, stop := context.WithTimeout(ctx, startWithin)
	defer stop()
	c := exec.CommandContext(within, program, "--version")
	c.WaitDelay = time.Second
	out, err := c.Output()
	if ctx.Err() != nil {
		return "", ctx.Err() // the computer is being shut down, say, which is no fault of the program
	}
	if err != nil {
		return "", fmt.Errorf("%w: it does not start: %w", ErrFailed, err)
	}
	said := strings.TrimSpace(string(out))
	version, ours := strings.CutPrefix(said, "sendjay ")
	if !ours {
		return "", fmt.Errorf("%w: it says %q", ErrFailed, said)
	}
	return version, nil
}

// Recover puts right what a crash or a power cut left of a change. The watcher calls it before it starts a tray.
func (u *Updater) Recover() error {
	j, err := u.journal()
	if errors.Is(err, fs.ErrNotExist) {
		u.clean()
		return nil
	}
	if err != nil {
		// It is written as a whole, so this is no half of a change.
		return errors.Join(err, os.Remove(u.journalPath()))
	}
	if j.Phase == swapping && u.Version != j.Version {
		u.Log.Warn("a change of the version was cut and is taken back", "to", j.Version)
		return u.undo(j)
	}
	j.Phase, j.Tries = onTrial, j.Tries+1
	if j.Tries > maxTries {
		return u.Revert()
	}
	return writeJSON(u.journalPath(), j)
}

// Revert takes back a version that did not come up, and never tries it again.
func (u *Updater) Revert() error {
	j, err := u.journal()
	if err != nil {
		return err
	}
	u.Log.Warn("the new version did not come up; the old one is put back", "version", j.Version, "old", j.From)
	return errors.Join(u.undo(j), u.disown(j.Version))
}

// undo puts the old programs back. It may have been cut in the middle itself.
func (u *Updater) undo(j journal) error {
	var errs []error
	for i := len(j.Files) - 1; i >= 0; i-- {
		at := u.at(j.Files[i])
		if !j.Had[i] {
			if err := os.Remove(at); !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
			continue
		}
		if _, err := os.Stat(at + oldMark); err == nil {
			errs = append(errs, putBack(at))
		}
	}
	u.sweep(j)
	syncDir(filepath.Dir(u.Program))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return os.Remove(u.journalPath())
}

// disown notes that a version failed here, and lets go of it. An older one may be offered then.
func (u *Updater) disown(version string) error {
	return errors.Join(u.forget(), u.note(func(m *memo) {
		m.Failed = append(m.Failed, version)
		if len(m.Failed) > 20 {
			m.Failed = m.Failed[1:]
		}
		m.Seen = ""
	}))
}

// Confirm says that the version on trial is well. The old one goes.
func (u *Updater) Confirm() error {
	if _, err := u.journal(); err != nil {
		return err
	}
	if err := os.Remove(u.journalPath()); err != nil {
		return err
	}
	u.clean()
	return u.forget()
}

// clean removes old programs as far as nobody runs them.
func (u *Updater) clean() {
	for _, name := range u.memo().Changed {
		old, _ := filepath.Glob(u.at(name) + oldMark + "*") // a good pattern unless the folder's name is one
		for _, path := range old {
			_ = os.Remove(path)
		}
	}
}
