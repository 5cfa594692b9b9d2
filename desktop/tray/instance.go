package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// errTaken says that another tray has the profile.
var errTaken = errors.New("another one is running")

// instance is the lock on a profile and the door on which a second start knocks. A watched tray has the door,
// its watcher the lock.
type instance struct {
	dir  string
	lock *os.File
	door net.Listener
}

// claim takes the profile in dir, or returns errTaken.
func claim(dir string) (*instance, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err != nil {
		_ = lock.Close()
		return nil, errTaken
	}
	return &instance{dir: dir, lock: lock}, nil
}

// listen opens the door.
func (i *instance) listen() error {
	door, err := openDoor(i.dir)
	if err != nil {
		return err
	}
	i.door = door
	return nil
}

// hear calls knocked with every line that a second start brings, until the instance is closed.
// What knocked returns goes back.
func (i *instance) hear(knocked func(line string) (string, error)) {
	for {
		c, err := i.door.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			line, err := bufio.NewReaderSize(c, 512).ReadSlice('\n')
			if err != nil {
				return
			}
			answer, err := knocked(strings.TrimSpace(string(line)))
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			if err != nil {
				_, _ = fmt.Fprintln(c, "no:", err)
				return
			}
			_, _ = fmt.Fprint(c, "ok\n"+answer)
		}()
	}
}

// knock brings line to the instance that has dir, and returns its answer. That one may be just
// starting, ending or starting again, so this is tried for a while.
func knock(dir, line string) (string, error) { return knockFor(dir, line, 5*time.Second) }

// knockFor is a knock whose answer may take that long.
func knockFor(dir, line string, within time.Duration) (string, error) {
	var last error
	for wait := 20 * time.Millisecond; wait < 6*time.Second; wait *= 2 {
		c, err := goToDoor(dir, time.Second)
		if err != nil {
			last = err
			time.Sleep(wait)
			continue
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(within))
		if _, err := fmt.Fprintln(c, line); err != nil {
			return "", err
		}
		raw, err := io.ReadAll(io.LimitReader(c, 1<<20))
		if err != nil {
			return "", err
		}
		word, answer, _ := strings.Cut(string(raw), "\n")
		if word != "ok" {
			return "", errors.New(cmp.Or(word, "the running one said nothing"))
		}
		return answer, nil
	}
	return "", fmt.Errorf("the running one does not answer: %w", last)
}

// goneWithin is how long a tray may take to end: it brings its window and its line to an end in order.
const (
	goneWithin = 10 * time.Second
	lookGone   = 50 * time.Millisecond
)

// gone waits until nobody has the profile in dir any more, so that its programs can be replaced, and reports
// whether that came.
func gone(dir string) bool {
	for end := time.Now().Add(goneWithin); time.Now().Before(end); time.Sleep(lookGone) {
		if only, err := claim(dir); err == nil {
			only.close()
			return true
		}
	}
	return false
}

// deaf stops hearing, while the profile is still ours.
func (i *instance) deaf() {
	if i.door != nil {
		_ = i.door.Close()
	}
}

func (i *instance) close() {
	i.deaf()
	if i.lock != nil {
		_ = i.lock.Close()
	}
}
