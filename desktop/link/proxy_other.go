//go:build !linux && !windows

package link

// desktopProxies knows none: the environment and the policy can name one.
func desktopProxies() proxies { return proxies{} }
