package resident

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestWhatTheProgramHasReadOfItselfNoLongerCounts(t *testing.T) {
	for _, trim := range []func(){TrimCode, Trim} {
		before := mapped(t)
		trim()
		if after := mapped(t); after >= before {
			t.Errorf("%d KiB of the program are in memory after, %d before", after, before)
		}
	}
	// What was given back is there again when it is needed.
	if got := strings.Repeat("ab", 3); got != "ababab" {
		t.Error(got)
	}
}

func TestOnlyWhatStandsInTheFileIsGivenBack(t *testing.T) {
	const file = "/opt/an office/sendjay"
	for line, want := range map[string]bool{
		"00400000-013a1000 r-xp 00000000 fe:00 7 /opt/an office/sendjay": true,
		"013a1000-026c6000 r--p 00fa1000 fe:00 7 /opt/an office/sendjay": true,
		"026c6000-02842000 rw-p 022c6000 fe:00 7 /opt/an office/sendjay": false,
		"7f00000000-7f00001000 r-xp 00000000 fe:00 9 /usr/lib/libc.so.6": false,
		"c000000000-c000400000 rw-p 00000000 00:00 0":                    false,
		"013a1000-013a1000 r--p 00000000 fe:00 7 /opt/an office/sendjay": false,
		"013a1000-x r--p 00000000 fe:00 7 /opt/an office/sendjay":        false,
		"": false,
		"00400000-013a1000 r-xp 00000000 fe:00 7 /opt/an office/sendjay (deleted)": false,
	} {
		if _, _, ok := unchanged(line, file, "r-xp", "r--p"); ok != want {
			t.Errorf("%q: %v", line, ok)
		}
	}
}

// mapped is how much of the program's file is in memory, in KiB.
func mapped(t *testing.T) int {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return residentOf(t, own)
}

// residentOf adds up the Rss of a file's ranges, as proc(5) tells them in smaps.
func residentOf(t *testing.T, file string) (kib int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	ours := false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			_, _, ours = unchanged(strings.TrimSpace(line), file, "r-xp", "r--p")
		case ours && f[0] == "Rss:":
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	return kib
}
