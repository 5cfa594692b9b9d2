// Package policy is what the desktop was told: by IT, by the command line, by the environment.
// It knows names, values and who outweighs whom; it does not know what the parts do with them.
//
// Weight, lightest first: built in, recommended by IT, what the person chose (kept by desktop/state),
// environment, flag, managed by IT.
package policy

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"sendjay/desktop/engine"
	"sendjay/shared/release"
)

// Settings is everything the desktop can be told.
type Settings struct {
	// Server is the address of the server, "" when only the person knows it.
	Server string
	// ServerFixed is set when the person may not choose another server.
	ServerFixed bool
	// ServerGiven is set when the address outweighs what the person chose before.
	ServerGiven bool
	// Profile is the folder of everything that is kept.
	Profile string
	// ProfileGiven is set when somebody named the folder.
	ProfileGiven bool
	// Hidden starts without a window.
	Hidden bool
	// Window is the program that shows the window, "" for the one beside the tray.
	Window string
	// EngineFolder holds the web engines that IT has put there, "" for none; EngineFlaws are the versions to avoid.
	EngineFolder string
	EngineFlaws  engine.Flaws
	// ExtraCA is a PEM file of certificates that are trusted besides the system's.
	ExtraCA string
	// Pins are the keys of which the server at Server must show one.
	Pins Pins
	// AuthServers are the servers that may be shown the Kerberos ticket of this computer.
	AuthServers Hosts
	// Proxy is system, direct, the address of a proxy, or pac+ and the address of a PAC script.
	Proxy string
	// SecretFile lets the credential be kept in an encrypted file where there is no keyring.
	SecretFile bool
	// Remote is whether to draw little, as a session on a terminal server wants it: auto, on or off.
	Remote string
	// IdleExitMinutes is how long a closed window stays in memory; 0 not at all, -1 for good.
	IdleExitMinutes int
	// Preview says what a notification shows: full, sender or none.
	Preview  string
	LogLevel slog.Level
	// Updates is auto, notify or off; UpdateChannel is stable, early or lts. UpdateKey is the public key of whoever
	// may sign versions, "" for that of the build.
	Updates, UpdateChannel, UpdateKey string
	// Watch starts the tray again when it has crashed.
	Watch bool
	// BySystem says that it is the system that starts the program, at sign-in.
	BySystem bool
	// AtSignIn is on, off, or "" when the person decides whether to start at sign-in.
	AtSignIn string
	// Locked names the settings that IT manages.
	Locked []string
	// Open is the sendjay: link of the command line, Diagnose and Quit what was asked of the running one.
	Open           string
	Diagnose, Quit bool
	// SignIn asks to sign in with what stands on standard input, which no list of processes shows.
	SignIn  bool
	Version bool
	// UpdateService asks for the service, which is not told anything else.
	UpdateService bool
	// ProxySignIn is the host:port of a proxy whose name and password stand on standard input, to be kept.
	ProxySignIn string
}

// setting is one name in its three carriers: the policy's key, the flag --name, the environment SENDJAY_NAME.
type setting struct {
	key, name, preset, about string
	set                      func(*Settings, string) error
}

var settings = []setting{
	{"Server", "server", "", "address of the server, such as https://talk.example.com", func(s *Settings, v string) error {
		at, err := Address(v)
		if err == nil || v == "" {
			s.Server = at
			return nil
		}
		return err
	}},
	{"AllowOtherServers", "", "true", "whether the person may choose another server", func(s *Settings, v string) error {
		allowed, err := boolean(v)
		s.ServerFixed = !allowed
		return err
	}},
	{"", "profile", "", "folder of settings and credentials (default: the user's own)", func(s *Settings, v string) error {
		s.Profile = v
		return nil
	}},
	{"StartHidden", "hidden", "false", "start without a window", func(s *Settings, v string) (err error) {
		s.Hidden, err = boolean(v)
		return err
	}},
	{"", "window", "", "program that shows the window", func(s *Settings, v string) error {
		s.Window = v
		return nil
	}},
	{"WebView2Folder", "", "", "folder of the WebView2 runtime (fixed version), or of several of them, that the window on Windows takes when the one of Windows is known to fail or has failed here", func(s *Settings, v string) error {
		if v != "" && !onDrive(v) {
			return errors.New(`want a folder on a drive of this computer, such as C:\Program Files\WebView2`)
		}
		s.EngineFolder = v
		return nil
	}},
	{"WebView2BadVersions", "", "", "versions of the WebView2 runtime to avoid besides those that the program knows: versions and spans with commas, as in 143.0.3650.96,149-151.0.4129; only at the beginning puts the list in place of the program's own", func(s *Settings, v string) (err error) {
		s.EngineFlaws, err = engine.ReadFlaws(v)
		return err
	}},
	{"ExtraCAFile", "extra-ca", "", "PEM file of further trusted certificates", func(s *Settings, v string) error {
		s.ExtraCA = v
		return nil
	}},
	{"PinnedSPKI", "pinned-spki", "", "keys of which the server must show one: SHA-256 sums of public keys in base64, with commas; the next key too, before it comes", func(s *Settings, v string) (err error) {
		s.Pins, err = pins(v)
		return err
	}},
	{"Proxy", "proxy", "system", "system, direct, the address of a proxy, or pac+ and the address of a script", func(s *Settings, v string) error {
		script, pac := strings.CutPrefix(v, "pac+")
		if u, err := url.Parse(script); v != "system" && v != "direct" && (err != nil || u.Host == "" && (!pac || u.Scheme != "file")) {
			return errors.New("want system, direct, an address such as http://proxy:3128 or http://user:password@proxy:3128, or pac+http://host/proxy.pac")
		}
		s.Proxy = v
		return nil
	}},
	{"AuthServerAllowlist", "auth-server-allowlist", "", "servers that are shown the Kerberos ticket of this computer, to sign in by it: hosts with commas, *.example.com for all below", func(s *Settings, v string) (err error) {
		s.AuthServers, err = hosts(v)
		return err
	}},
	{"AllowSecretFile", "", "true", "whether the credential may be kept in an encrypted file", func(s *Settings, v string) (err error) {
		s.SecretFile, err = boolean(v)
		return err
	}},
	{"WindowIdleExitMinutes", "window-idle-exit", "15", "minutes until a closed window gives its memory back", func(s *Settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < -1 || n > 100_000 {
			return errors.New("want minutes, or -1 for never")
		}
		s.IdleExitMinutes = n
		return nil
	}},
	{"RemoteSession", "remote-session", "auto", "whether to draw little (no graphics card, nothing moves by itself), as on a terminal server: auto looks whether the session is a remote one, on, off", func(s *Settings, v string) error {
		if !slices.Contains([]string{"auto", "on", "off"}, v) {
			return errors.New("want auto, on or off")
		}
		s.Remote = v
		return nil
	}},
	{"NotificationPreview", "preview", "full", "what a notification shows: full, sender or none", func(s *Settings, v string) error {
		if !slices.Contains([]string{"full", "sender", "none"}, v) {
			return errors.New("want full, sender or none")
		}
		s.Preview = v
		return nil
	}},
	{"Autostart", "", "", "whether to start at sign-in: on, off, or empty for what the person chooses", func(s *Settings, v string) error {
		if v == "" {
			s.AtSignIn = ""
			return nil
		}
		on, err := boolean(v)
		s.AtSignIn = map[bool]string{true: "on", false: "off"}[on]
		return err
	}},
	{"Updates", "", "auto", "auto puts newer versions in place, notify only tells of them, off never looks", func(s *Settings, v string) error {
		if !slices.Contains([]string{"auto", "notify", "off"}, v) {
			return errors.New("want auto, notify or off")
		}
		s.Updates = v
		return nil
	}},
	{"UpdateChannel", "update-channel", "stable", "which versions to get: stable, early or lts", func(s *Settings, v string) error {
		if !slices.Contains([]string{"stable", "early", "lts"}, v) {
			return errors.New("want stable, early or lts")
		}
		s.UpdateChannel = v
		return nil
	}},
	{"UpdateKey", "", "", "public key of minisign that signs newer versions, in place of the one of the build; for a copy for everybody it has to be a policy of the computer", func(s *Settings, v string) error {
		_, err := release.ParseKeys(v)
		s.UpdateKey = v
		return err
	}},
	{"", "watch", "true", "start again after a crash: on or off", func(s *Settings, v string) (err error) {
		s.Watch, err = boolean(v)
		return err
	}},
	{"LogLevel", "log-level", "info", "debug, info, warn or error", func(s *Settings, v string) error {
		return s.LogLevel.UnmarshalText([]byte(v))
	}},
}

// Source is where Load looks. The zero value is this machine.
type Source struct {
	Getenv func(string) string
	// Managed and Recommended hold what IT decided, by key.
	Managed, Recommended map[string]string
}

// Machine returns the source of this machine. What is wrong with IT's files is an error that names
// the file and the key; the rest still counts.
func Machine() (Source, error) {
	managed, err := decided(true)
	recommended, err2 := decided(false)
	return Source{os.Getenv, managed, recommended}, errors.Join(err, err2)
}

// Computer returns what IT has decided for this computer, whoever sits there: no person's policy, no recommendation,
// no environment. What is wrong with it is an error.
func Computer() (Settings, error) {
	managed, err := decidedForAll()
	if err != nil {
		return Settings{}, err
	}
	return computer(managed)
}

func computer(managed map[string]string) (Settings, error) {
	return Load([]string{"--profile", os.DevNull}, Source{Managed: managed}, io.Discard)
}

// Load reads the settings. Help is written to out and returned as flag.ErrHelp.
func Load(args []string, from Source, out io.Writer) (Settings, error) {
	var s Settings
	var errs []error
	take := func(one setting, value, where string) {
		if err := one.set(&s, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
		}
	}
	fs := flag.NewFlagSet("sendjay", flag.ContinueOnError)
	fs.SetOutput(out)
	fs.BoolVar(&s.Diagnose, "diagnose", false, "print how the running one is doing")
	fs.BoolVar(&s.Quit, "quit", false, "end the running one")
	fs.BoolVar(&s.BySystem, "at-sign-in", false, "said by the system when it starts the program at sign-in: the person may have turned that off")
	fs.BoolVar(&s.SignIn, "sign-in-stdin", false, "sign in with the id and the password that the first two lines of standard input hold")
	fs.StringVar(&s.ProxySignIn, "proxy-sign-in-stdin", "", "keep the name and the password that the first two lines of standard input hold for the proxy at this host:port; none to forget them")
	fs.BoolVar(&s.Version, "version", false, "print the version")
	fs.BoolVar(&s.UpdateService, "update-service", false, "said by Windows when it starts the program as the service that puts versions in place for people without rights")
	given := map[string]string{}
	for _, one := range settings {
		if one.name == "" {
			continue
		}
		if one.preset == "false" {
			fs.BoolFunc(one.name, one.about, func(v string) error { given[one.name] = v; return nil })
			continue
		}
		fs.Func(one.name, one.about, func(v string) error { given[one.name] = v; return nil })
	}
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	switch rest := fs.Args(); {
	case len(rest) > 1, len(rest) == 1 && !strings.HasPrefix(rest[0], "sendjay:"):
		return s, fmt.Errorf("%q is not understood: want at most one sendjay: link", rest)
	case len(rest) == 1:
		s.Open = rest[0]
	}
	getenv := from.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	for _, one := range settings {
		take(one, one.preset, one.key)
		if v, ok := from.Recommended[one.key]; ok && one.key != "" {
			take(one, v, "recommended "+one.key)
		}
		if one.name != "" {
			env := "SENDJAY_" + strings.ToUpper(strings.ReplaceAll(one.name, "-", "_"))
			if v := getenv(env); v != "" {
				take(one, v, env)
				s.ServerGiven = s.ServerGiven || one.name == "server"
			}
			if v, ok := given[one.name]; ok {
				take(one, v, "--"+one.name)
				s.ServerGiven = s.ServerGiven || one.name == "server"
			}
		}
		if v, ok := from.Managed[one.key]; ok && one.key != "" {
			take(one, v, "managed "+one.key)
			s.Locked = append(s.Locked, one.key)
			s.ServerGiven = s.ServerGiven || one.key == "Server"
		}
	}
	s.ServerFixed = s.ServerFixed && s.Server != ""
	if s.ProfileGiven = s.Profile != ""; !s.ProfileGiven {
		var err error
		if s.Profile, err = home(runtime.GOOS, getenv); err != nil {
			errs = append(errs, err)
		}
	}
	return s, errors.Join(errs...)
}

// Address returns v as scheme://host[:port] without anything behind it.
func Address(v string) (string, error) {
	v = strings.TrimSpace(v)
	if v != "" && !strings.Contains(v, "://") {
		v = "https://" + v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("want an address such as https://talk.example.com")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// onDrive reports whether a path of Windows is on a drive in full. The engine does not run from a share.
func onDrive(path string) bool {
	return len(path) > 3 && ('a' <= path[0]|0x20 && path[0]|0x20 <= 'z') && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}

func boolean(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "on", "true", "1", "yes":
		return true, nil
	case "off", "false", "0", "no":
		return false, nil
	}
	return false, errors.New("want on or off")
}

// home returns the folder of the profile that nobody named: local to the machine, never roaming.
func home(system string, getenv func(string) string) (string, error) {
	switch system {
	case "windows":
		if dir := getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "Sendjay"), nil
		}
		// What lies under the roaming folder would be carried over the network at every sign-in.
		if dir := getenv("USERPROFILE"); dir != "" {
			return filepath.Join(dir, "AppData", "Local", "Sendjay"), nil
		}
		return "", errors.New("no place for the profile, name one with --profile")
	case "darwin":
	default:
		if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "sendjay"), nil
		}
		if dir := getenv("HOME"); dir != "" {
			return filepath.Join(dir, ".local", "share", "sendjay"), nil
		}
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the profile, name one with --profile: %w", err)
	}
	return filepath.Join(dir, "Sendjay"), nil
}
