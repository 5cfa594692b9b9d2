// Package startup is how the system starts this program: at sign-in, and for sendjay: links.
// It knows the places where each system wants that said; it does not know who decides it.
//
// What a package of IT has set up for everybody is left as it is: a person's own choice lies beside it.
package startup

import "errors"

// ErrMachine says that the start at sign-in was set up for everybody on this computer, and that a person cannot
// turn it off.
var ErrMachine = errors.New("set up for everybody on this computer")

// System is this program to the system. Program is its full path.
type System struct{ Program string }

// AtSignIn reports whether the system starts the program at sign-in.
func (s System) AtSignIn() (bool, error) { return s.atSignIn() }

// SetAtSignIn makes the system start the program at sign-in, hidden, or not.
func (s System) SetAtSignIn(on bool) error {
	if is, err := s.atSignIn(); err == nil && is == on && (!on || s.ours()) {
		return nil
	}
	return s.setAtSignIn(on)
}

// Refused reports whether the person does not want the start at sign-in that was set up for everybody, which
// then ends at once.
func (s System) Refused() bool { return s.refused() }

// TakeOver removes the copy that this person installed alone, once there is one for everybody, which this program
// is. Quit has a running tray end. It reports what stands in the way; no copy is no error.
func (s System) TakeOver(quit func()) error { return s.takeOver(quit) }

// Links makes sendjay: links lead to the program, unless a package has arranged that for everybody.
func (s System) Links() error { return s.links() }
