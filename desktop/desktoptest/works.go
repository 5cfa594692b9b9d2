package desktoptest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// worksName begins the names of the folders of Works; the process that made one follows.
const worksName = "sendjay-works-"

// Works makes a folder for programs that are built once for all tests of a package, whose end nobody tells. So it takes away
// those of processes that have ended.
func Works() (string, error) {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), worksName+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range old {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), worksName), "-")
		if n, err := strconv.Atoi(pid); err == nil && ended(n) {
			_ = os.RemoveAll(dir) // another process may be at it too
		}
	}
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", worksName, os.Getpid()))
}

func ended(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	defer func() { _ = p.Release() }()
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
