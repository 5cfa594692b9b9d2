package link

import (
	"strings"

	"golang.org/x/sys/windows/registry"
)

// desktopProxies reads what the person or the company set in the Internet options.
func desktopProxies() proxies {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return proxies{}
	}
	defer k.Close()
	if script, _, err := k.GetStringValue("AutoConfigURL"); err == nil && script != "" {
		return proxies{script: script}
	}
	on, _, err := k.GetIntegerValue("ProxyEnable")
	if err != nil || on == 0 {
		return proxies{}
	}
	at, _, err := k.GetStringValue("ProxyServer")
	if err != nil {
		return proxies{}
	}
	direct, _, _ := k.GetStringValue("ProxyOverride") // missing where everything goes through it
	return proxies{by: byScheme(at), direct: strings.Split(direct, ";")}
}
