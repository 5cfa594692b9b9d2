//go:build !windows

package link

import "syscall"

// refused is what the system says where nobody listens.
const refused = syscall.ECONNREFUSED
