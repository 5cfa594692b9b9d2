//go:build !unix

package socket

// inPlace says that only the net package can read and write here.
const inPlace = false

// tryWrite leaves everything to the goroutine: only Unix lets us write without waiting.
func (c *conn) tryWrite(batch [][]byte) (tail []byte, rest [][]byte, err error) {
	return nil, batch, nil
}
