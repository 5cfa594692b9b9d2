//go:build !windows

package remote

import "os"

// Session reports whether this session is a remote one.
func Session() bool { return byEnvironment(os.Getenv) }
