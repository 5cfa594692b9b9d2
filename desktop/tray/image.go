package main

import (
	"io/fs"
	"os"
)

// image is a program as it lay on the disk when it was started. Others may replace it while it runs: a package, or the
// caretaker for somebody else who is signed in. The zero value never changes.
type image struct {
	path string
	was  fs.FileInfo
}

func imageOf(path string) image {
	was, err := os.Stat(path)
	if err != nil {
		return image{}
	}
	return image{path, was}
}

// changed reports whether a start would bring another program by now.
func (i image) changed() bool {
	if i.was == nil {
		return false
	}
	now, err := os.Stat(i.path)
	return err == nil && (now.Size() != i.was.Size() || !now.ModTime().Equal(i.was.ModTime()))
}
