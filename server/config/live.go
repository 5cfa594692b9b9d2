package config

import (
	"fmt"
	"strconv"
	"time"

	"sendjay/shared/protocol"
)

// Live is a setting that may also be changed while the server runs, as a number: bytes, seconds, a count, or 1 and 0.
type Live struct {
	Name protocol.LimitName
	Kind protocol.LimitKind
	// Least and Most bound it; Zero says that 0 is good too, where Least is more.
	Least, Most int64
	Zero        bool
	get         func(c *Config) int64
	set         func(c *Config, v int64)
}

const (
	minute = int64(time.Minute / time.Second)
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

// Lives are those settings, in the order in which they are shown.
var Lives = []Live{
	bytes(protocol.LimitMaxFile, 1<<20, false, func(c *Config) *int64 { return &c.MaxFile }),
	bytes(protocol.LimitPersonSpace, 1<<20, true, func(c *Config) *int64 { return &c.PersonSpace }),
	bytes(protocol.LimitRoomSpace, 1<<20, true, func(c *Config) *int64 { return &c.RoomSpace }),
	number(protocol.LimitLiveFiles, 1, 1_000_000, true, func(c *Config) *int { return &c.LiveFiles }),
	seconds(protocol.LimitFileLife, hour, 20*year, true, func(c *Config) *time.Duration { return &c.FileLife }),
	seconds(protocol.LimitMessageLife, day, 20*year, true, func(c *Config) *time.Duration { return &c.MessageLife }),
	seconds(protocol.LimitCancelWindow, minute, year, true, func(c *Config) *time.Duration { return &c.CancelWindow }),
	seconds(protocol.LimitEditWindow, minute, year, true, func(c *Config) *time.Duration { return &c.EditWindow }),
	seconds(protocol.LimitSearchWindow, day, 20*year, true, func(c *Config) *time.Duration { return &c.SearchWindow }),
	{protocol.LimitPreviews, protocol.IsSwitch, 0, 1, true, func(c *Config) int64 {
		if c.Previews {
			return 1
		}
		return 0
	}, func(c *Config, v int64) { c.Previews = v == 1 }},
	number(protocol.LimitUrgent, 1, 100, true, func(c *Config) *int { return &c.Urgent }),
	number(protocol.LimitSessions, 1, 5, false, func(c *Config) *int { return &c.PerKind }),
	seconds(protocol.LimitRefreshLife, hour, 2*year, false, func(c *Config) *time.Duration { return &c.RefreshLife }),
	seconds(protocol.LimitLogLife, day, 10*year, true, func(c *Config) *time.Duration { return &c.LogLife }),
}

func bytes(name protocol.LimitName, least int64, zero bool, at func(*Config) *int64) Live {
	return Live{name, protocol.InBytes, least, 1 << 50, zero, func(c *Config) int64 { return *at(c) }, func(c *Config, v int64) { *at(c) = v }}
}

func number(name protocol.LimitName, least, most int64, zero bool, at func(*Config) *int) Live {
	return Live{name, protocol.InNumber, least, most, zero, func(c *Config) int64 { return int64(*at(c)) }, func(c *Config, v int64) { *at(c) = int(v) }}
}

func seconds(name protocol.LimitName, least, most int64, zero bool, at func(*Config) *time.Duration) Live {
	return Live{
		name, protocol.InSeconds, least, most, zero,
		func(c *Config) int64 { return int64(*at(c) / time.Second) },
		func(c *Config, v int64) { *at(c) = time.Duration(v) * time.Second },
	}
}

// Good reports whether it may be v.
func (l Live) Good(v int64) bool { return v >= l.Least && v <= l.Most || v == 0 && l.Zero }

// Of returns what c says.
func (l Live) Of(c Config) int64 { return l.get(&c) }

// Put returns c saying v.
func (l Live) Put(c Config, v int64) Config {
	l.set(&c, v)
	return c
}

// Parse reads a value as the setting of the same name is written: 500MB, 24h, 3, off.
func (l Live) Parse(s string) (int64, error) {
	var c Config
	for _, x := range settings {
		if x.name == string(l.Name) {
			if err := x.set(&c, s); err != nil {
				return 0, &Error{x.name, err.Error()}
			}
		}
	}
	if v := l.get(&c); l.Good(v) {
		return v, nil
	}
	return 0, &Error{string(l.Name), l.Range()}
}

// Range says in words what it may be.
func (l Live) Range() string {
	text := fmt.Sprintf("want %s to %s", l.Write(l.Least), l.Write(l.Most))
	if l.Zero && l.Least > 0 {
		text += ", or 0"
	}
	return text
}

// Write writes a value as Parse reads it.
func (l Live) Write(v int64) string {
	switch l.Kind {
	case protocol.IsSwitch:
		if v == 1 {
			return "on"
		}
		return "off"
	case protocol.InSeconds:
		return (time.Duration(v) * time.Second).String()
	case protocol.InBytes:
		for i, unit := range []string{"TB", "GB", "MB", "KB"} {
			if size := int64(1) << (10 * (4 - i)); v >= size && v%size == 0 {
				return strconv.FormatInt(v/size, 10) + unit
			}
		}
	}
	return strconv.FormatInt(v, 10)
}

// LiveOf returns the live setting of that name.
func LiveOf(name protocol.LimitName) (Live, bool) {
	for _, l := range Lives {
		if l.Name == name {
			return l, true
		}
	}
	return Live{}, false
}

// Preset returns what nobody has changed.
func Preset() Config {
	c, _, _ := Read(nil, nil) // the presets are good
	return c
}

// Fixed reports whether a flag, the environment or the file gave the setting.
func (c Config) Fixed(name protocol.LimitName) bool { return c.given[string(name)] }
