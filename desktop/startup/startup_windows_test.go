package startup

import (
	"testing"

	"golang.org/x/sys/windows/registry"
)

// Cross-compiled and run by wine these tests change the registry of wine's prefix alone.

func TestAPersonSwitchesTheStartAtSignIn(t *testing.T) {
	s := System{`C:\Users\kim\my programs\sendjay.exe`}
	for _, on := range []bool{true, false, true, false} {
		if err := s.SetAtSignIn(on); err != nil {
			t.Fatal(err)
		}
		if is, err := s.AtSignIn(); err != nil || is != on {
			t.Fatalf("set to %v, it is %v, %v", on, is, err)
		}
		want := map[bool]string{true: `"C:\Users\kim\my programs\sendjay.exe" --hidden`}[on]
		if text, err := read(registry.CURRENT_USER, runKey, value); err != nil || text != want {
			t.Errorf("the registry says %q, %v", text, err)
		}
	}
}

func TestTheTaskManagersSwitchCounts(t *testing.T) {
	s := System{`C:\sendjay.exe`}
	if err := s.SetAtSignIn(true); err != nil {
		t.Fatal(err)
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if err := k.SetBinaryValue(value, []byte{3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}); err != nil {
		t.Fatal(err)
	}
	if is, err := s.AtSignIn(); is || err != nil {
		t.Errorf("switched off there, it is %v, %v", is, err)
	}
	if err := s.SetAtSignIn(true); err != nil {
		t.Fatal(err)
	}
	if is, err := s.AtSignIn(); !is || err != nil {
		t.Errorf("switched on here, it is %v, %v", is, err)
	}
	if err := s.SetAtSignIn(false); err != nil {
		t.Error(err)
	}
}

func TestLinksLeadToTheProgram(t *testing.T) {
	for _, program := range []string{`C:\old\sendjay.exe`, `C:\new place\sendjay.exe`} {
		if err := (System{program}).Links(); err != nil {
			t.Fatal(err)
		}
		if text, err := read(registry.CURRENT_USER, classKey+`\shell\open\command`, ""); err != nil || text != `"`+program+`" "%1"` {
			t.Errorf("links start %q, %v", text, err)
		}
	}
}
