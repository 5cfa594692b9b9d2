package socket

import "sync"

// joined holds the buffers in which frames are joined into one write.
var joined = sync.Pool{New: func() any {
	b := make([]byte, 0, joinBytes)
	return &b
}}

// joinBytes is less than chunk: what is written in place should not fill the kernel's send buffer.
const joinBytes = 16 << 10
