package main

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"sendjay/desktop/desktoptest/screen"
)

// What pretends to be a graphics card is the largest library there is here, and the first page waits for it.
func TestAWindowWithoutAccelerationLooksForNoGraphicsCard(t *testing.T) {
	s := screen.Start(t)
	address, asked := page(t)
	w := start(t, s, "-accel", "off", "-title", "Sendjay", "-data", t.TempDir())
	w.await("ready")
	w.tell("load " + address + "/")
	w.tell("show")
	s.Window("Sendjay")
	painted(t, asked)
	s.Await("the page on the screen", func() bool { return blueIn(t, s.Shot("plain")) >= 200_000 })
	maps, err := os.ReadFile("/proc/" + strconv.Itoa(w.cmd.Process.Pid) + "/maps")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(maps), "libwebkit2gtk") {
		t.Fatal("this is not the window's process")
	}
	for _, library := range []string{"libEGL_", "libLLVM", "libgallium", "_dri.so"} {
		if strings.Contains(string(maps), library) {
			t.Errorf("%s was loaded", library)
		}
	}
}
