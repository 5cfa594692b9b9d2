package link

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"time"
)

// gsettingsWithin bounds the question to the desktop's settings.
const gsettingsWithin = 2 * time.Second

// desktopProxies asks GNOME's settings, which other desktops for GTK keep too. Without them there is no proxy.
func desktopProxies() proxies {
	switch ask("", "mode") {
	case "auto":
		return proxies{script: ask("", "autoconfig-url")}
	case "manual":
	default:
		return proxies{}
	}
	by := map[string]string{}
	for _, scheme := range []string{"http", "https"} {
		if host, port := ask("."+scheme, "host"), ask("."+scheme, "port"); host != "" && port != "0" {
			by[scheme] = host + ":" + port
		}
	}
	if ask(".http", "use-authentication") == "true" {
		who := url.UserPassword(ask(".http", "authentication-user"), ask(".http", "authentication-password")).String()
		for scheme, at := range by {
			by[scheme] = "http://" + who + "@" + at
		}
	}
	if host, port := ask(".socks", "host"), ask(".socks", "port"); host != "" && port != "0" {
		by[""] = "socks5://" + host + ":" + port // for what none of the others is named for
	}
	list := strings.NewReplacer("[", "", "]", "", "'", "", "@as", "").Replace(ask("", "ignore-hosts"))
	return proxies{by: by, direct: strings.Split(list, ",")}
}

func ask(schema, key string) string {
	ctx, stop := context.WithTimeout(context.Background(), gsettingsWithin)
	defer stop()
	out, err := exec.CommandContext(ctx, "gsettings", "get", "org.gnome.system.proxy"+schema, key).Output()
	if err != nil {
		return ""
	}
	return strings.Trim(strings.TrimSpace(string(out)), "'")
}
