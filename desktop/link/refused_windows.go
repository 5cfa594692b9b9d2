package link

import "golang.org/x/sys/windows"

// refused is what the system says where nobody listens. The ECONNREFUSED of package syscall is another number here,
// which no system call ever returns.
const refused = windows.WSAECONNREFUSED
