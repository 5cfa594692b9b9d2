// Package remote says whether what this session draws travels over a network to another screen.
// It knows the signs by which systems tell; it does not know what is to be drawn otherwise then.
package remote

import "strings"

// byEnvironment looks for the signs that the servers of remote sessions on Unix leave in the environment.
func byEnvironment(getenv func(string) string) bool {
	// xrdp, NoMachine and its kin, X2Go, the Xvnc of TigerVNC and RealVNC.
	for _, name := range []string{"XRDP_SESSION", "NXSESSIONID", "X2GO_SESSION", "VNCDESKTOP"} {
		if getenv(name) != "" {
			return true
		}
	}
	// A display with a host before the colon is reached over TCP: another machine's, or the end of ssh's tunnel.
	host, _, _ := strings.Cut(getenv("DISPLAY"), ":")
	return getenv("WAYLAND_DISPLAY") == "" && host != "" && host != "unix" && !strings.HasPrefix(host, "/")
}
