//go:build !linux && !windows

package startup

import "errors"

func (System) atSignIn() (bool, error) { return false, errors.ErrUnsupported }
func (System) ours() bool              { return true }
func (System) setAtSignIn(bool) error  { return errors.ErrUnsupported }
func (System) links() error            { return errors.ErrUnsupported } // a bundle says it in its Info.plist
