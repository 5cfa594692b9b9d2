package node

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// SmallPictures is the command by which the server starts itself to make the small sizes of one picture: in a process
// of its own it holds nobody up who writes, and its memory goes with it.
const SmallPictures = "small-pictures"

// smallPictures returns how that is started; nothing where a process cannot be handed a file, or where we are part of
// another program.
func smallPictures() []string {
	self, err := os.Executable()
	if err != nil || runtime.GOOS == "windows" || !strings.HasPrefix(filepath.Base(self), "sendjay-server") {
		return nil
	}
	return []string{self, SmallPictures}
}
