package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"

	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
)

// keepForProxy keeps what r says, a name and a password on a line each, for the proxy at host:port. Nothing makes the
// keyring forget it. A running tray looks there when the proxy is not content.
func keepForProxy(ring *keyring.Ring, proxy string, r io.Reader) error {
	if host, port, err := net.SplitHostPort(proxy); err != nil || host == "" || port == "" {
		return errors.New("want the proxy as host:port")
	}
	lines := bufio.NewScanner(io.LimitReader(r, 4<<10))
	var given [2]string
	for i := range given {
		if lines.Scan() {
			given[i] = strings.TrimSuffix(lines.Text(), "\r")
		}
	}
	switch {
	case given[0] == "" && given[1] == "":
		return ring.Delete(link.ProxyKey(proxy))
	case given[0] == "" || given[1] == "":
		return errors.New("standard input has to hold a name and a password, a line each")
	}
	if err := ring.Set(link.ProxyKey(proxy), link.ProxySecret(given[0], given[1])); err != nil {
		return err
	}
	if ring.Place() == keyring.Nowhere {
		return errors.New("there is no keyring, and nowhere else may it be kept")
	}
	return nil
}
