package startup

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows/registry"
)

const (
	everybodys = `C:\Program Files\Sendjay\sendjay.exe`
	product    = "{4AB71233-E976-5A9A-8AAE-CF23E681CCDD}"
)

// packaged writes what the package for everybody does, and takes it away in the end.
func packaged(t *testing.T) System {
	t.Helper()
	for _, v := range []struct{ path, name, text string }{
		{ownKey, "Program", everybodys}, {ownKey, "Product", product}, {runKey, value, `"` + everybodys + `" --hidden --at-sign-in`},
	} {
		if err := put(registry.LOCAL_MACHINE, v.path, v.name, v.text); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_ = registry.DeleteKey(registry.LOCAL_MACHINE, ownKey)
		_ = registry.DeleteKey(registry.CURRENT_USER, defaultsKey)
		_ = registry.DeleteKey(registry.CURRENT_USER, ownKey)
		if k, err := registry.OpenKey(registry.LOCAL_MACHINE, runKey, registry.SET_VALUE); err == nil {
			_ = errors.Join(k.DeleteValue(value), k.Close())
		}
	})
	return System{everybodys}
}

func TestAPersonRefusesTheStartThatIsSetUpForEverybody(t *testing.T) {
	s := packaged(t)
	if is, err := s.AtSignIn(); !is || err != nil || s.Refused() {
		t.Fatalf("installed, it is %v, %v", is, err)
	}
	for _, on := range []bool{false, true, false} {
		if err := s.SetAtSignIn(on); err != nil {
			t.Fatal(err)
		}
		if is, err := s.AtSignIn(); err != nil || is != on || s.Refused() == on {
			t.Errorf("set to %v, it is %v, %v", on, is, err)
		}
	}
}

func TestTwoStartsBecomeOne(t *testing.T) {
	s := packaged(t)
	if err := put(registry.CURRENT_USER, runKey, value, s.command()+" --hidden"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetAtSignIn(true); err != nil {
		t.Fatal(err)
	}
	if text, err := read(registry.CURRENT_USER, runKey, value); text != "" || err != nil {
		t.Errorf("the person's own is still %q, %v", text, err)
	}
	if is, err := s.AtSignIn(); !is || err != nil {
		t.Errorf("it is %v, %v", is, err)
	}
}

func TestThePersonsCopyGoesWhenThereIsOneForEverybody(t *testing.T) {
	s := packaged(t)
	was := remove
	defer func() { remove = was }()
	var steps []string
	fails := errors.New("busy")
	remove = func(product string) error {
		steps = append(steps, "remove "+product)
		_ = registry.DeleteKey(registry.CURRENT_USER, defaultsKey) // as the system does
		return fails
	}
	quit := func() { steps = append(steps, "quit") }
	if err := s.TakeOver(quit); err != nil || steps != nil {
		t.Fatalf("without such a copy: %v, %q", err, steps)
	}
	for path, v := range map[string][2]string{ownKey: {"Product", product}, defaultsKey: {"Server", "https://talk.example.com"}} {
		if err := put(registry.CURRENT_USER, path, v[0], v[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := (System{`C:\Users\kim\sendjay.exe`}).TakeOver(quit); err != nil || steps != nil {
		t.Errorf("that copy itself: %v, %q", err, steps)
	}
	if err := s.TakeOver(quit); !errors.Is(err, fails) {
		t.Errorf("said %v", err)
	}
	fails = nil
	if err := put(registry.CURRENT_USER, defaultsKey, "Server", "https://talk.example.com"); err != nil {
		t.Fatal(err)
	}
	steps = nil
	if err := s.TakeOver(quit); err != nil || len(steps) != 2 || steps[0] != "quit" || steps[1] != "remove "+product {
		t.Errorf("%v, %q", err, steps)
	}
	if server, err := read(registry.CURRENT_USER, defaultsKey, "Server"); err != nil || server != "https://talk.example.com" {
		t.Errorf("the person's server is %q, %v", server, err)
	}
	if err := put(registry.CURRENT_USER, ownKey, "Product", "/i evil.msi"); err != nil {
		t.Fatal(err)
	}
	steps = nil
	if err := s.TakeOver(quit); err == nil || steps != nil {
		t.Errorf("what is no product: %v, %q", err, steps)
	}
}
