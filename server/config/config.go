// Package config reads what the server is told: flags, environment and a file, in that order of weight.
// It checks every value and knows every name; it does not know what the parts do with them.
package config

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sendjay/shared/release"
)

// Config is everything the server can be told.
type Config struct {
	Listen   string
	Data     string
	Database string
	// Redis is the way to the other nodes, "" for a node alone.
	Redis string
	// Files is a folder or an S3 address, never empty.
	Files                 string
	FilesKey, FilesSecret string
	Demo                  bool
	RateLimits            bool
	AccessLife            time.Duration
	RefreshLife           time.Duration
	CancelWindow          time.Duration
	// SearchWindow is how far back a search looks, 0 for all of history.
	SearchWindow time.Duration
	// MaxFile, PersonSpace and RoomSpace are bytes; the last two are 0 for no bound, as LiveFiles is.
	MaxFile, PersonSpace, RoomSpace int64
	LiveFiles                       int
	// FileLife is how long a file stays after it was sent, 0 for ever.
	FileLife time.Duration
	// FileKinds are the only kinds to upload, none for all; FileBlocked are refused.
	FileKinds, FileBlocked []string
	// Previews is set while links get cards; PreviewAllow are the only domains, none for all, PreviewInside are
	// host:port that are asked although they are not public.
	Previews                                 bool
	PreviewAllow, PreviewDeny, PreviewInside []string
	// Transcripts is set while people may save the messages of a room as a file.
	Transcripts bool
	// Updates is the folder of the desktop's versions, UpdateKeys who may sign them.
	Updates    string
	UpdateKeys release.Keys
	// Clamd is host:port or unix:/path of a virus scanner, "" for none.
	Clamd      string
	EditWindow time.Duration
	// Urgent is how many urgent messages a person may send in an hour; 0 for none.
	Urgent int
	// PerKind is how many live sessions a person may have per device kind.
	PerKind int
	// Proxies may say for whom they ask.
	Proxies []netip.Prefix
	// Public is the address under which browsers reach the server, "" when it is not behind anything.
	Public *url.URL
	// Origins are further pages that may use our cookies.
	Origins []string
	// LegacyKey decrypts the passwords of the original, once. Nil when not given.
	LegacyKey []byte
	LogLevel  slog.Level
	LogJSON   bool
	LDAP      LDAP
	Kerberos  Kerberos
	// LocalPasswords says who may use a password of ours beside a directory: everyone, admin, owner or nobody.
	LocalPasswords string
	// Metrics serves /metrics to everybody who reaches the server; otherwise to this machine alone.
	Metrics bool
	SignIn  SignIn
	// MessageLife is how long messages are kept, 0 for ever.
	MessageLife time.Duration
	// LogLife is how long it is kept who came and went, 0 for ever.
	LogLife time.Duration

	given map[string]bool // by name
}

// setting is one name: the flag --name, the environment SENDJAY_NAME and the line NAME=value of a file.
type setting struct {
	name, preset, about string
	set                 func(*Config, string) error
}

var settings = slices.Concat(generalSettings, signInSettings, kerberosSettings, ldapSettings)

var generalSettings = []setting{
	{"listen", "127.0.0.1:8080", "address and port to serve", func(c *Config, v string) error {
		if !hostPort(v) {
			return errors.New("want host:port, such as 127.0.0.1:8080 or :8080")
		}
		c.Listen = v
		return nil
	}},
	{"data", "sendjay-data", "folder of the embedded database and of files", func(c *Config, v string) error { c.Data = v; return nonEmpty(v) }},
	{"database", "sqlite", "sqlite, or mysql://user:password@host:3306/schema", func(c *Config, v string) error {
		u, err := url.Parse(v)
		if v != "sqlite" && (err != nil || u.Scheme != "mysql" || u.Host == "" || strings.Trim(u.Path, "/") == "" || !portOf(u)) {
			return errors.New("want sqlite or mysql://user:password@host:3306/schema")
		}
		c.Database = v
		return nil
	}},
	{"redis", "", "redis://user:password@host:6379/0 (or rediss://) for several nodes on one database", func(c *Config, v string) error {
		u, err := url.Parse(v)
		if v != "" && (err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" || !portOf(u)) {
			return errors.New("want redis://[user:password@]host:port/db")
		}
		c.Redis = v
		return nil
	}},
	{"files", "", "folder of uploaded files (default: under the data folder), or s3://bucket/prefix?endpoint=https://host&region=name", func(c *Config, v string) error {
		if !place(v) {
			return errors.New("want a folder or s3://bucket/prefix?endpoint=https://host&region=name")
		}
		c.Files = v
		return nil
	}},
	{"files-key", "", "access key of the S3 store", func(c *Config, v string) error { c.FilesKey = v; return nil }},
	{"files-secret", "", "secret key of the S3 store", func(c *Config, v string) error { c.FilesSecret = v; return nil }},
	{"max-file", "2GB", "largest file", func(c *Config, v string) error { return size(v, &c.MaxFile) }},
	{"person-space", "50GB", "space for the files of one person, 0 for no bound", func(c *Config, v string) error { return size(v, &c.PersonSpace) }},
	{"room-space", "500GB", "space for the files of one room, 0 for no bound", func(c *Config, v string) error { return size(v, &c.RoomSpace) }},
	{"live-files", "1000", "unexpired files of one person, 0 for no bound", func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return errors.New("want a number, 0 for no bound")
		}
		c.LiveFiles = n
		return nil
	}},
	{"file-life", "720h", "how long a file stays after it was sent, 0 for ever", func(c *Config, v string) error {
		return span(v, 0, 20*8760*time.Hour, &c.FileLife)
	}},
	{"file-kinds", "", "the only kinds of files, by content, such as image/*,application/pdf (default: all)", func(c *Config, v string) error {
		return kinds(v, &c.FileKinds)
	}},
	{"file-blocked", "", "kinds of files to refuse, by content, such as application/vnd.microsoft.portable-executable; with a kind goes what is built on it, with application/zip also jar, docx, xlsx", func(c *Config, v string) error {
		return kinds(v, &c.FileBlocked)
	}},
	{"previews", "on", "off: links get no cards, and no page is asked", func(c *Config, v string) error { return onOff(v, &c.Previews) }},
	{"preview-allow", "", "the only domains whose links get cards, with commas (default: all)", func(c *Config, v string) error {
		c.PreviewAllow = domains(v)
		return nil
	}},
	{"preview-deny", "", "domains whose links get no cards, with commas", func(c *Config, v string) error {
		c.PreviewDeny = domains(v)
		return nil
	}},
	{"preview-inside", "", "host:port inside the company's network whose links get cards all the same, with commas", func(c *Config, v string) error {
		for part := range words(v) {
			if !hostPort(part) {
				return fmt.Errorf("%q is not host:port", part)
			}
			c.PreviewInside = append(c.PreviewInside, part)
		}
		return nil
	}},
	{"transcripts", "on", "off: nobody saves the messages of a room as a file", func(c *Config, v string) error { return onOff(v, &c.Transcripts) }},
	{"updates", "", "folder of the versions of the desktop (default: under the data folder)", func(c *Config, v string) error { c.Updates = v; return nil }},
	{"update-key", "", "public key of minisign that signs the versions of the desktop; several with commas", func(c *Config, v string) (err error) {
		c.UpdateKeys, err = release.ParseKeys(v)
		return err
	}},
	{"clamd", "", "virus scanner, host:3310 or unix:/run/clamav/clamd.ctl", func(c *Config, v string) error {
		if v != "" && !hostPort(v) && !strings.HasPrefix(v, "unix:/") {
			return errors.New("want host:port or unix:/path")
		}
		c.Clamd = v
		return nil
	}},
	{"demo", "off", "on: a made-up company in an empty database", func(c *Config, v string) error { return onOff(v, &c.Demo) }},
	{"rate-limits", "on", "off lifts every limit but those on sign-in", func(c *Config, v string) error { return onOff(v, &c.RateLimits) }},
	{"access-life", "15m", "life of an access token", func(c *Config, v string) error { return span(v, time.Second, 24*time.Hour, &c.AccessLife) }},
	{"refresh-life", "720h", "how long a device stays signed in without being used", func(c *Config, v string) error {
		return span(v, time.Minute, 20000*time.Hour, &c.RefreshLife)
	}},
	{"cancel-window", "24h", "how long a message can be taken back", func(c *Config, v string) error {
		return span(v, 0, 8760*time.Hour, &c.CancelWindow)
	}},
	{"search-window", "8760h", "how far back a search looks (a year); 0 for everything", func(c *Config, v string) error {
		return span(v, 0, 200_000*time.Hour, &c.SearchWindow)
	}},
	{"edit-window", "24h", "how long a message can be edited", func(c *Config, v string) error {
		return span(v, 0, 8760*time.Hour, &c.EditWindow)
	}},
	{"urgent-per-hour", "5", "urgent messages of a person in an hour, at most 100; 0 for none at all", func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 100 {
			return errors.New("want a number from 0 to 100")
		}
		c.Urgent = n
		return nil
	}},
	{"message-life", "0", "how long messages are kept, for all rooms; older ones are deleted for everybody and for good; 0 for ever", func(c *Config, v string) error {
		if err := span(v, 0, 20*8760*time.Hour, &c.MessageLife); err != nil {
			return err
		}
		if c.MessageLife > 0 && c.MessageLife < 24*time.Hour {
			return errors.New("want 24h at least, or 0")
		}
		return nil
	}},
	{"log-life", "2160h", "how long it is kept who signed in and who was refused (90 days), 0 for ever", func(c *Config, v string) error {
		return span(v, 0, 10*8760*time.Hour, &c.LogLife)
	}},
	{"sessions", "1", "live sessions of a person per device kind, 1 to 5", func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 5 {
			return errors.New("want a number from 1 to 5")
		}
		c.PerKind = n
		return nil
	}},
	{"proxies", "", "addresses or networks whose X-Forwarded-For counts, with commas", func(c *Config, v string) error {
		for part := range words(v) {
			p, err := prefix(part)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network", part)
			}
			c.Proxies = append(c.Proxies, p)
		}
		return nil
	}},
	{"public-url", "", "address for browsers, such as https://talk.example.com, when a proxy stands in front", func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		o, err := origin(strings.TrimSuffix(v, "/"))
		if err != nil {
			return err
		}
		c.Public = o
		c.Origins = append(c.Origins, o.String())
		return nil
	}},
	{"origins", "", "further web origins that may use the session cookie, with commas", func(c *Config, v string) error {
		for part := range words(v) {
			o, err := origin(part)
			if err != nil {
				return err
			}
			c.Origins = append(c.Origins, o.String())
		}
		return nil
	}},
	{"legacy-key", "", "the original's crypto key (32 bytes), to convert its passwords once", func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		if len(v) != 32 {
			return errors.New("want exactly 32 bytes")
		}
		c.LegacyKey = []byte(v)
		return nil
	}},
	{"metrics", "off", "on serves /metrics to every address, not to this machine alone", func(c *Config, v string) error { return onOff(v, &c.Metrics) }},
	{"log-level", "info", "debug, info, warn or error", func(c *Config, v string) error {
		if c.LogLevel.UnmarshalText([]byte(v)) != nil {
			return errors.New("want debug, info, warn or error")
		}
		return nil
	}},
	{"log-format", "text", "text or json", func(c *Config, v string) error {
		if v != "text" && v != "json" {
			return errors.New("want text or json")
		}
		c.LogJSON = v == "json"
		return nil
	}},
}

// DesktopNames are settings of the desktop application, which may share an environment with the server. They are those of
// desktop/policy; a test of shared/story compares them.
var DesktopNames = []string{"SERVER", "PROFILE", "HIDDEN", "WINDOW", "EXTRA_CA", "PINNED_SPKI", "PROXY", "WINDOW_IDLE_EXIT", "PREVIEW", "WATCH", "UPDATE_CHANNEL", "AUTH_SERVER_ALLOWLIST", "REMOTE_SESSION"}

// Error says which setting is wrong, and why.
type Error struct{ Setting, Why string }

func (e *Error) Error() string { return e.Setting + ": " + e.Why }

// Read reads args (without the program's name), then environ ("KEY=value" lines), then the file that
// --config or SENDJAY_CONFIG names. It returns the arguments that are no settings.
func Read(args, environ []string) (Config, []string, error) {
	given := map[string]string{}
	where := map[string]string{}
	take := func(name, value, from string) {
		if _, have := given[name]; !have {
			given[name], where[name] = value, from
		}
	}
	rest, err := flags(args, take)
	if err != nil {
		return Config{}, nil, err
	}
	for _, line := range environ {
		key, value, _ := strings.Cut(line, "=")
		short, ours := strings.CutPrefix(key, "SENDJAY_")
		if !ours || slices.Contains(DesktopNames, short) {
			continue
		}
		name := strings.ToLower(strings.ReplaceAll(short, "_", "-"))
		if !known(name) {
			return Config{}, nil, &Error{key, "there is no such setting"}
		}
		take(name, value, key)
	}
	if path := given["config"]; path != "" {
		f, err := os.Open(path)
		if err != nil {
			return Config{}, nil, &Error{where["config"], err.Error()}
		}
		defer f.Close()
		if err := file(f, path, take); err != nil {
			if _, named := errors.AsType[*Error](err); !named {
				err = &Error{where["config"], err.Error()}
			}
			return Config{}, nil, err
		}
	}
	c := Config{given: map[string]bool{}}
	for _, s := range settings {
		value, ok := given[s.name]
		if !ok {
			value, where[s.name] = s.preset, "--"+s.name
		}
		c.given[s.name] = ok
		if err := s.set(&c, value); err != nil {
			return Config{}, nil, &Error{where[s.name], err.Error()}
		}
	}
	if err := cmp.Or(c.LDAP.check(), c.Kerberos.check(c.LDAP)); err != nil {
		return Config{}, nil, err
	}
	c.Files = cmp.Or(c.Files, filepath.Join(c.Data, "files"))
	c.Updates = cmp.Or(c.Updates, filepath.Join(c.Data, "updates"))
	return c, rest, c.SignIn.together(c)
}

func flags(args []string, take func(name, value, from string)) ([]string, error) {
	var rest []string
	for i := 0; i < len(args); i++ {
		name, dashed := strings.CutPrefix(args[i], "-")
		if !dashed || name == "" {
			rest = append(rest, args[i])
			continue
		}
		name = strings.TrimPrefix(name, "-")
		name, value, has := strings.Cut(name, "=")
		if !known(name) {
			return nil, &Error{args[i], "there is no such setting"}
		}
		switch {
		case has:
		case name == "demo" || name == "metrics":
			value = "on"
			if i+1 < len(args) && (args[i+1] == "on" || args[i+1] == "off") {
				i++
				value = args[i]
			}
		case i+1 < len(args):
			i++
			value = args[i]
		default:
			return nil, &Error{args[i], "a value is missing"}
		}
		take(name, value, "--"+name)
	}
	return rest, nil
}

func file(r io.Reader, path string, take func(name, value, from string)) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		from := fmt.Sprintf("%s line %d", path, n)
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		name := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(key, "SENDJAY_"), "_", "-"))
		if !ok || !known(name) || name == "config" {
			return &Error{from, fmt.Sprintf("%q is no setting", key)}
		}
		take(name, strings.TrimSpace(value), from)
	}
	return lines.Err()
}

func known(name string) bool {
	return name == "config" || slices.ContainsFunc(settings, func(s setting) bool { return s.name == name })
}

// Usage writes a line per setting.
func Usage(w io.Writer) {
	fmt.Fprintln(w, "Settings (as flag, as SENDJAY_… in the environment, as a line of the file that --config names; in this order of weight):")
	for _, s := range settings {
		preset := ""
		if s.preset != "" {
			preset = " (" + s.preset + ")"
		}
		fmt.Fprintf(w, "  --%-14s %s%s\n", s.name, s.about, preset)
	}
}
